// What a user gets wrong about the choice of a model: each is a sentence that names the place and what is allowed, and
// nothing changes by it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, BINARY, until } from './harness.mjs';
import { startOpenAi } from '../mocks/openai.mjs';

let mock, server;
before(async () => {
  mock = await startOpenAi();
  server = await Server.start({ env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` }, config: 'aliases:\n  quick: [openai/echo]\n' });
  await server.hasModel('openai/echo');
});
after(async () => { await server?.stop(); await mock?.stop(); });

const query = { query: 'x' };
const model = (more) => ({ model_id: 'm', provider: 'OPENAI', capabilities: ['CHAT'], ...more });
const raw = (costs) => `{"model_id":"m","provider":"openai","capabilities":["CHAT"],"costs":{"input_tokens_per_1k":${costs}}}`;
const orchestrate = (parameters, strategy) => ({ inputs: 'x', strategy, parameters });
const said = [{ role: 'USER', content: 'x' }];

// [path, body, header fields, status, what the error says]
const WRONG = [
  // words that nobody knows
  ['/api/models', model({ capabilities: ['FLYING'] }), {}, 422, /words: .*FAST_INFERENCE.*'FLYING' is none of them/],
  ['/api/v1/select-model', { task: 'cooking' }, {}, 422, /"cooking" is no known task. Allowed are code_generation/],
  ['/api/v1/select-model', { task: 'code', requirements: { speed: 'warp' } }, {}, 422, /"speed" must be one of low, medium, high/],
  ['/api/v1/ai/select-model', { taskType: 'code', requirements: { priority: 'urgent' } }, {}, 422, /"priority" must be one of low, normal, high, critical/],
  ['/route', query, { 'x-orchestra-strategy': 'best' }, 400, /no strategy "best".*Allowed are auto/],
  ['/route', query, { 'x-orchestra-task': 'cooking' }, 400, /x-orchestra-task.*code_generation/],
  ['/api/models/chat', { provider: 'NOWHERE', messages: said }, {}, 400, /no provider "nowhere"/],
  ['/api/models/chat', { model_id: 'ech', provider: 'OPENAI', messages: said }, {}, 404, /"openai\/ech". Did you mean "openai\/echo"/],
  ['/api/models/image', { prompt: 'a red cube', n: 11 }, {}, 422, /"n" must be/],
  // requirements that nobody can meet: the filter is named, with how many models it took
  ['/route', query, { 'x-orchestra-privacy': 'local_only' }, 400, /\(privacy \d+\).*must stay on this machine/],
  ['/route', query, { 'x-orchestra-privacy': 'local_only', 'x-orchestra-providers': 'openai' }, 400, /\(privacy \d+\)/],
  ['/route', query, { 'x-orchestra-providers': 'openai,-openai' }, 400, /\(provider \d+\).*does not allow openai/],
  ['/route', query, { 'x-orchestra-deadline-ms': '1' }, 400, /deadline \d+\).*is expected to take \d+\.\d s for the whole answer.*the request allows 0\.001 s/],
  ['/api/v1/select-model', { task: 'vision' }, { 'x-orchestra-providers': 'nowhere' }, 400, /\(provider \d+\)/],
  // weights
  ['/route', query, { 'x-orchestra-weights': 'quality=-1' }, 400, /finite and not negative/],
  ['/route', query, { 'x-orchestra-weights': 'quality=nan' }, 400, /finite and not negative/],
  ['/route', query, { 'x-orchestra-weights': 'quality=0, cost=0' }, 400, /All weights are 0/],
  ['/route', query, { 'x-orchestra-weights': 'beauty=1' }, 400, /must read like "quality=0.5/],
  ['/api/inference/orchestrated', orchestrate({ weights: { accuracy: -1 } }, 'multi_objective'), {}, 400, /finite and not negative/],
  ['/api/inference/orchestrated', orchestrate({ weights: { speed: 0 } }, 'multi_objective'), {}, 400, /All weights are 0/],
  ['/api/inference/orchestrated', orchestrate({ ensemble: { merge: 'weighted', weights: { 'openai/echo': -1 } } }, 'ensemble'), {}, 422, /from 0 to/],
  // prices and figures that are none
  ['/api/models', raw('NaN'), {}, 400, /JSON is not valid at byte/],
  ['/api/models', raw('"NaN"'), {}, 422, /input_tokens_per_1k must be a finite number/],
  ['/api/models', raw('1e400'), {}, 422, /input_tokens_per_1k must be a finite number/],
  ['/api/models', raw('-1'), {}, 422, /input_tokens_per_1k must be a finite number/],
  ['/api/models', model({ performance: { success_rate: 2 } }), {}, 422, /success_rate must be a finite number from 0 to 1/],
  ['/route', { query: 'x', context: { budget_remaining: -1 } }, {}, 422, /"budget_remaining" must be a number from 0/],
  ['/route', query, { 'x-orchestra-max-cost-usd': '-1' }, 400, /amount of dollars/],
  ['/api/models/chat', { model_id: 'echo', messages: said, temperature: 9 }, {}, 422, /"temperature" must be a number from 0 to 2/],
  ['/api/models/chat', { model_id: 'echo', messages: said, max_tokens: 0 }, {}, 422, /"max_tokens" must be a whole number from 1/],
];

test('each wrong request is refused with what is wrong and what is right', async () => {
  const before = (await server.get('/api/models')).body.total;
  for (const [path, body, headers, status, what] of WRONG) {
    const got = await server.post(path, body, headers);
    const asked = `${path} ${JSON.stringify(body)} ${JSON.stringify(headers)}`;
    assert.equal(got.status, status, `${asked}\n${got.text}`);
    assert.match(got.body.detail, what, asked);
    assert.ok(got.body.code && got.body.error === got.body.detail && got.body.request_id && got.body.timestamp, asked);
  }
  assert.equal((await server.get('/api/models')).body.total, before);
});

test('a model called auto does not take the name of the choice', async () => {
  assert.equal((await server.post('/api/models', model({ model_id: 'auto' }))).status, 201);
  await until(async () => (await server.get('/api/models/auto')).status === 200, 'the record');
  const chosen = (await server.post('/route', query)).body;
  assert.ok(chosen.fallback_models.length > 0, 'nobody was named');
});

// [file, its text, what config check says of it]
const FILES = [
  ['orchestra.yaml', 'aliases:\n  a: [b, openai/echo]\n  b: [a]\n', /orchestra\.yaml:2:6: aliases\.a: .*leads back into itself: a -> b -> a/],
  ['orchestra.yaml', 'aliases:\n  a: [a]\n', /aliases\.a: .*leads back into itself: a -> a/],
  ['orchestra.yaml', 'aliases:\n  a: []\n', /aliases\.a: An alias needs at least one model name/],
  ['routes.yaml', 'aliases:\n  a: [b]\n  b: [a]\n', /routes\.yaml:2:6: aliases\.a: .*leads back into itself/],
  ['routes.yaml', 'chains:\n  simple: [gpt-4o, auto]\n', /routes\.yaml:2:\d+: chains\.simple: "auto" goes by this chain/],
  ['routes.yaml', 'chains:\n  poetry: [gpt-4o]\n', /chains\.poetry: This key is not known. Allowed: multimedia, research, simple, technical/],
  ['routes.yaml', 'strategy: best\n', /strategy: .*Allowed: auto/],
  ['prices.yaml', 'openai:\n  models:\n    echo: {input: .nan, output: 1}\n', /prices\.yaml:3:\d+: openai\.models\.echo\.input: /],
  ['prices.yaml', 'openai:\n  models:\n    echo: {input: -1, output: 1}\n', /prices\.yaml:3:\d+: openai\.models\.echo\.input: /],
  ['models.yaml', 'openai:\n  models:\n    echo: {quality: .nan, capabilities: [flying]}\n', /models\.yaml:3:\d+: openai\.models\.echo\.quality: This must be a number from 0 to 1/],
];
const NAMED_BY = { 'routes.yaml': 'routes_file: routes.yaml\n', 'prices.yaml': 'prices: prices.yaml\n', 'models.yaml': 'models_file: models.yaml\n' };

test('config check names file, line, key and what is allowed', async () => {
  for (const [file, text, what] of FILES) {
    const folder = mkdtempSync(join(tmpdir(), 'orchestra-check-'));
    try {
      writeFileSync(join(folder, 'orchestra.yaml'), NAMED_BY[file] ?? text);
      if (file !== 'orchestra.yaml') writeFileSync(join(folder, file), text);
      const done = await new Promise((resolve) => {
        execFile(BINARY, ['config', 'check', '--config', join(folder, 'orchestra.yaml')], { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } },
          (problem, stdout, stderr) => resolve({ code: problem ? problem.code : 0, told: stdout + stderr }));
      });
      assert.equal(done.code, 2, text);
      assert.match(done.told, what, text);
    } finally { rmSync(folder, { recursive: true, force: true }); }
  }
});

test('a bad file changes nothing in the running server', async () => {
  const ask = async () => (await server.post('/v1/chat/completions', { model: 'quick', messages: [{ role: 'user', content: 'still here' }] })).body.choices[0].message.content;
  assert.equal(await ask(), 'still here');
  writeFileSync(join(server.folder, 'orchestra.yaml'), 'aliases:\n  quick: [slow]\n  slow: [quick]\n');
  server.child.kill('SIGHUP');
  await until(() => /leads back into itself: quick -> slow -> quick/.test(server.output), 'the refusal in the log');
  assert.equal(await ask(), 'still here');
});

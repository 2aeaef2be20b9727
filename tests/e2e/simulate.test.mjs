// `ai-orchestra simulate`: the requests of a running server, decided again under policies that a user writes.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server, BINARY } from './harness.mjs';
import { startMock, json } from '../mocks/http_server.mjs';

let provider, server;
before(async () => {
  provider = await startMock((request, response) => {
    if (request.url.endsWith('/models')) return json(response, 200, { object: 'list', data: ['gpt-4o', 'gpt-4o-mini'].map((id) => ({ id, object: 'model', created: 1 })) });
    json(response, 200, { id: 'x', object: 'chat.completion', created: 1, model: request.body.model, choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }], usage: { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 } });
  });
  server = await Server.start({ env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${provider.url}/v1` } });
  await server.hasModel('openai/gpt-4o');
});
after(async () => { await server?.stop(); await provider?.stop(); });

function simulate(policy, ...args) {
  const file = join(server.folder, 'policy.yaml');
  writeFileSync(file, policy);
  return new Promise((done) => {
    execFile(BINARY, ['simulate', '--policy', file, ...args], { cwd: server.folder, env: { PATH: process.env.PATH, HOME: server.folder, ORCHESTRA_URL: server.url }, timeout: 20000 },
      (problem, stdout, stderr) => done({ code: problem ? problem.code : 0, stdout, stderr }));
  });
}

test('an empty period says so', async () => {
  const nothing = await simulate('strategy: cost\n', '--since', '7d');
  assert.equal(nothing.code, 0, nothing.stderr);
  assert.equal(nothing.stdout, 'Nothing was asked in the last 7d.\n');
});

test('the recorded requests are decided again, and two runs print the same bytes', async () => {
  for (let i = 0; i < 12; ++i) {
    const answer = await server.post('/v1/chat/completions', { model: 'auto', messages: [{ role: 'user', content: `Prove theorem ${i}.` }] }, { 'x-orchestra-strategy': 'accuracy' });
    assert.equal(answer.body.model ?? answer.headers.get('x-orchestra-model'), 'gpt-4o');
  }
  await server.post('/v1/chat/completions', { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'x' }] });
  const json = JSON.parse((await simulate('strategy: cost\n', '--format', 'json')).stdout);
  assert.equal(json.requests, 13);
  assert.equal(json.replayed, 13);
  assert.equal(json.named, 1);
  assert.equal(json.changed, 12);
  assert.deepEqual(json.changes, [{ from: 'openai/gpt-4o', to: 'openai/gpt-4o-mini', decisions: 12 }]);
  assert.ok(json.predicted.simulated.cost_usd < json.predicted.stored.cost_usd / 5);
  assert.equal(json.measured.answers, 13);
  assert.ok(json.measured.cost_usd > 0);
  const [first, second] = [await simulate('strategy: cost\n'), await simulate('strategy: cost\n')];
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /openai\/gpt-4o +openai\/gpt-4o-mini +12/);
  assert.equal(first.stdout, second.stdout);
  assert.equal(JSON.parse((await simulate('classes: { multimedia: { strategy: cost } }\n', '--format', 'json')).stdout).changed, 0);
  assert.equal(JSON.parse((await simulate('providers: { deny: openai }\n', '--format', 'json')).stdout).refused, 13);
  const limited = JSON.parse((await simulate('local_only: true\n', '--format', 'json', '--limit', '5')).stdout);
  assert.equal(limited.requests, 5);
  assert.equal(limited.limited, true);
});

test('a bad file, a bad time and a server that is not there', async () => {
  const bad = await simulate('strategy: cheap\n');
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /policy\.yaml:1:11: strategy: .*cost/);
  assert.equal((await simulate('strategy: cost\n', '--since', 'monday')).code, 2);
  const gone = await simulate('strategy: cost\n', '--url', 'http://127.0.0.1:9');
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /No server answers/);
});

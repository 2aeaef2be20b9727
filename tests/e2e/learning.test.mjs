// What the server learns of queries from how requests turned out, and that it keeps no text for it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY, Server, readEvents, until } from './harness.mjs';
import { startMock, json, sse, pause } from '../mocks/http_server.mjs';

const SECRET = 'xylophonic marmalade';
// A dear model and one at a twentieth of its price; `state.silent` answers nothing, `state.slowMs` stands between words.
function startProvider(models, state) {
  return startMock(async (request, response) => {
    if (request.url.endsWith('/models')) return json(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1 })) });
    const { model, stream } = request.body;
    if (state.silent === model) return;
    if (!stream) return json(response, 200, { id: 'x', object: 'chat.completion', created: 1, model, choices: [{ index: 0, message: { role: 'assistant', content: 'Said.' }, finish_reason: 'stop' }], usage: { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 } });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = (delta, finish_reason = null) => sse(response, { id: 'x', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta, finish_reason }] });
    for (const content of ['I ', 'am ', model]) { event({ content }); if (state.slowMs) await pause(state.slowMs); }
    event({}, 'stop');
    sse(response, '[DONE]');
    response.end();
  });
}

const CHEAP = 'openai/gpt-4.1-nano', DEAR = 'openai/gpt-4.1';
const state = {};
const folder = mkdtempSync(join(tmpdir(), 'orchestra-learning-'));
let mock, server;
const start = async () => {
  server = await Server.start({ folder, config: 'server: {threads: 1}\nlearning: {refit_every: 1s}\n', env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` } });
  await server.hasModel(DEAR);
};
before(async () => { mock = await startProvider(['gpt-4.1', 'gpt-4.1-nano'], state); await start(); });
after(async () => { await server?.stop(); await mock?.stop(); rmSync(folder, { recursive: true, force: true }); });

const chat = (content, headers = {}, more = {}) => server.post('/v1/chat/completions', { model: 'auto', messages: [{ role: 'user', content }], ...more }, headers);
const easy = (i) => `Spell the word harbour${i} backwards, please, ${SECRET}.`;
const hard = (i) => `Prove that every ${SECRET} lattice of order ${i} has a stable matching.`;
const refit = async () => (await server.get('/api/performance/models?min_samples=0')).body.query_models;
const model = (answer) => answer.headers.get('x-orchestra-model');

test('feedback teaches which queries a cheap model suffices for; it is asked those, and not the others', async () => {
  assert.equal(await refit(), undefined);
  for (let i = 0; i < 200; ++i) {
    const answer = await chat(i % 2 ? easy(i) : hard(i), { 'x-orchestra-strategy': 'cost' });
    assert.equal(model(answer), CHEAP);
    const id = answer.headers.get('x-request-id');
    const told = await until(async () => { const got = await server.post('/api/performance/feedback', { request_id: id, model_id: CHEAP, success: true, quality_rating: i % 2 ? 0.95 : 0.05, query_type: i % 2 ? 'simple' : 'research', complexity: i % 2 ? 'simple' : 'expert' }); return got.status !== 404 && got; }, 'the request to be booked');
    assert.equal(told.status, 201, told.text);
  }
  const found = await until(async () => { const got = await refit(); return got?.routing.judged === 200 && got; }, 'a refit on all outcomes');
  assert.ok(found.routing.predicts, found.routing.state);
  assert.ok(found.routing.calibration_error < 0.15 && found.routing.log_loss < found.routing.log_loss_of_mean);
  assert.equal(found.classifier.labelled, 200);
  assert.ok(found.classifier.accuracy_after >= found.classifier.accuracy_before, found.classifier.state);
  assert.ok(found.classifier.traps_after >= found.classifier.traps_before || !found.classifier.adopted);
  const on = await chat(easy(7777)), off = await chat(hard(7777));
  assert.deepEqual([model(on), model(off)], [CHEAP, DEAR]);
  assert.ok((await server.post('/classify', { query: easy(5) })).body.cheap_suffices > 0.7);
  assert.ok((await server.post('/classify', { query: hard(5) })).body.cheap_suffices < 0.3);
  const id = on.headers.get('x-request-id');
  const explained = await until(() => { try { return execFileSync(BINARY, ['explain', '--url', server.url, id], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); } catch { return undefined; } }, 'the decision');
  assert.match(explained, /a cheap model suffices for such a query with \d+ %/);
  assert.match(explained, /Budget +\d+\.\d s for the first token/);
});

test('what was learned is there after a restart, and no text of a prompt is in any file', async () => {
  const answer = await chat(`The ${SECRET} is mine alone`);
  assert.equal(answer.status, 200);
  await server.stop();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  assert.ok(files.some((file) => file.endsWith('registry.db')) && files.some((file) => file.endsWith('ledger.db')));
  for (const file of files) {
    const bytes = readFileSync(file).toString('latin1').toLowerCase();
    for (const word of [...SECRET.split(' '), 'harbour', 'backwards', 'lattice']) assert.ok(!bytes.includes(word), `${word} stands in ${file}`);
  }
  assert.equal(statSync(join(folder, 'data/learning.key')).mode & 0o777, 0o600);
  await start();
  const found = await until(refit, 'the first refit');
  assert.ok(found.outcomes >= 203, `${found.outcomes} outcomes`);
  assert.ok(found.routing.predicts);
  assert.equal(model(await chat(hard(8888))), DEAR);
});

test('a prompt that is sent again at once speaks a little against its answer, however often it comes, and wherever', async () => {
  const other = await Server.start({ config: 'server: {threads: 4}\n', env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` } });
  try {
    await other.hasModel(CHEAP);
    // Every request comes on a connection of its own, which any loop may get.
    const ask = async (content) => {
      const sent = request(`${other.url}/v1/chat/completions`, { method: 'POST', agent: false, headers: { 'content-type': 'application/json', 'x-orchestra-strategy': 'cost' } });
      sent.end(JSON.stringify({ model: 'auto', messages: [{ role: 'user', content }] }));
      const [response] = await once(sent, 'response');
      await response.toArray();
      assert.equal(response.statusCode, 200);
    };
    const measured = async () => (await other.get(`/api/performance/models?min_samples=0&model_id=${encodeURIComponent(CHEAP)}`)).body.models[0];
    await ask('Where do the swallows spend their winter?');
    await until(async () => (await measured())?.sample_count >= 0.9, 'the answer to be learned from');
    assert.equal((await measured()).metrics.overall_quality, null);
    for (let i = 0; i < 40; ++i) await ask('Where do the swallows spend their winter?');
    const after = await until(async () => { const got = await measured(); return got?.sample_count > 40 && got.metrics.overall_quality !== null && got; }, 'all answers to be learned from');
    assert.ok(Math.abs(after.metrics.overall_quality - 0.2) < 0.01);
    assert.ok(after.metrics.success_rate > 0.99, 'it was no failure');
  } finally { await other.stop(); }
});

test('what feedback says of the query must be a class', async () => {
  const id = (await chat('What is a quince?')).headers.get('x-request-id');
  for (const [member, value] of [['query_type', 'hard'], ['query_type', 3], ['complexity', 'huge']]) {
    const refused = await server.post('/api/performance/feedback', { request_id: id, model_id: CHEAP, success: true, [member]: value });
    assert.equal(refused.status, 422);
    assert.match(refused.body.detail, new RegExp(member));
  }
});

test('with auto the class bounds the first token: the next candidate answers; a stream that runs is not cut', async () => {
  state.silent = 'gpt-4.1';
  const ask = async (headers, more) => {
    const response = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ model: 'auto', stream: true, messages: [{ role: 'user', content: 'What is the capital of France?' }], ...more }) });
    const began = performance.now();
    return { status: response.status, events: await readEvents(response), took: performance.now() - began, model: response.headers.get('x-orchestra-model') };
  };
  const began = performance.now(), seen = mock.seen.length;
  const accuracy = { 'x-orchestra-strategy': 'accuracy' };
  // By accuracy the dear model comes first; it says nothing.
  const handed = await ask(accuracy);
  const took = performance.now() - began;
  assert.equal(handed.status, 200);
  assert.ok(handed.events.some((event) => event.data.includes('gpt-4.1-nano')), JSON.stringify(handed.events));
  assert.ok(took >= 4900, `handed over after ${took} ms`);
  const asked = mock.seen.slice(seen).map((request) => request.body?.model);
  assert.deepEqual(asked.filter(Boolean), ['gpt-4.1', 'gpt-4.1-nano'], 'it is waited for once');
  const hasty = await server.post('/v1/chat/completions', { model: 'auto', stream: true, max_tokens: 4, messages: [{ role: 'user', content: 'What is the capital of France?' }] }, { ...accuracy, 'x-orchestra-deadline-ms': '1500', 'x-orchestra-providers': 'openai' });
  assert.equal(hasty.status, 504, 'the deadline holds in the place of the budget');
  state.silent = undefined;
  state.slowMs = 2200;
  const slow = await ask({ 'x-orchestra-strategy': 'cost' });
  state.slowMs = undefined;
  assert.ok(slow.took > 5500 && slow.events.at(-1).data === '[DONE]', 'a running stream outlives the budget');
});

// README 000's hybrid services as a user calls them: which provider answers, who is asked beside it, and what becomes of
// the calls that lose.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY, DEMO_MODELS, HAS_ENGINE, Server, until } from './harness.mjs';
import { startMock, json, pause } from '../mocks/http_server.mjs';

const THRESHOLD_MS = 1500;
const PRICES = 'as_of: "2026-01-02"\nnear: {models: {"m": {input: 1, output: 2}}}\nfar: {models: {"m": {input: 1, output: 2}}}\n';

// A provider whose behaviour the test sets. `slow` answers when the test releases it, and closes its call's socket then.
function startProvider(name) {
  const state = { mode: 'fast', release: () => {} };
  const mock = startMock(async (entry, response) => {
    if (entry.url.endsWith('/models')) return json(response, 200, { object: 'list', data: [{ id: 'm', object: 'model', created: 1 }] });
    if (state.mode === 'failing') return json(response, 500, { error: { message: `${name} is broken`, type: 'server_error' } });
    const logprob = Math.log(state.mode === 'wrong' ? 0.3 : 0.95);
    if (state.mode === 'slow') await new Promise((done) => { state.release = done; response.on('close', done); });
    if (response.destroyed) return;
    const content = [{ token: 'x', logprob }];
    json(response, 200, { id: 'x', object: 'chat.completion', created: 1, model: 'm', usage: { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 },
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: `${name}: ${entry.body.messages.at(-1).content}` }, logprobs: entry.body.logprobs ? { content } : null }] });
  });
  return mock.then((running) => Object.assign(running, { state, calls: () => running.seen.filter((one) => one.url.endsWith('/chat/completions')) }));
}

const providers = (near, far) => `providers:
  - {name: near, base_url: "${near.url}/v1", key: k}
  - {name: far, base_url: "${far.url}/v1", key: k}
routing: {attempts_per_candidate: 1, breaker: {failures: 1000}}
`;
const policy = (extra = '') => `version: 1
services:
  reason:
    strategy: local_first
    providers:
      local: [{name: near_llm, model: near/m}]
      cloud: [{name: far_llm, model: far/m}]
    fallback_criteria: {latency_threshold_ms: ${THRESHOLD_MS}, confidence_score_threshold: 0.75, per_call_timeout_ms: 30000}
    hedging: {max_extra_percent: 100}
  translate:
    strategy: cloud_first
    providers:
      primary: {name: far_llm, model: far/m}
      local: [{name: near_llm, model: near/m}, {name: apertium}]
    fallback_criteria: {latency_threshold_ms: ${THRESHOLD_MS}, per_call_timeout_ms: 30000}
${extra}`;

let near, far, server, file;
before(async () => {
  near = await startProvider('near');
  far = await startProvider('far');
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-'));
  file = join(folder, 'hybrid_policy.yaml');
  writeFileSync(file, policy());
  writeFileSync(join(folder, 'prices.yaml'), PRICES);
  server = await Server.start({ folder, config: providers(near, far) });
  await server.hasModel('near/m');
  await server.hasModel('far/m');
});
after(async () => { await server?.stop(); await near?.stop(); await far?.stop(); rmSync(server.folder, { recursive: true, force: true }); });

// One line of the ledger.
const booked = (id) => until(async () => { const got = await server.get(`/api/v1/decisions/${id}`); return got.status === 200 && got.body; }, `the booking of ${id}`);
const deadline = { 'x-orchestra-deadline-ms': '60000' };

async function reason(local, cloud) {
  near.state.mode = local;
  far.state.mode = cloud;
  const nearBefore = near.calls().length, farBefore = far.calls().length;
  let answeredAt;
  const asking = server.post('/v1/reason', { prompt: 'Why is 7 prime?' }, deadline).then((got) => { answeredAt = performance.now(); return got; });
  // Two slow ones: the first is released when both were asked. Behind a failing or wrong one, a slow cloud answers in the end.
  if (local === 'slow' && cloud !== 'fast') {
    await until(() => far.calls().length > farBefore, 'the hedge');
    near.state.release();
  } else if (cloud === 'slow' && local !== 'fast') {
    await until(() => far.calls().length > farBefore, 'the fallback');
    await pause(50);
    far.state.release();
  }
  const got = await asking;
  return { got, answeredAt, near: near.calls().slice(nearBefore), far: far.calls().slice(farBefore) };
}

const TABLE = [
  // local, cloud, who answers (undefined: nobody), why the cloud was asked (undefined: it was not)
  ['fast', 'fast', 'near', undefined], ['fast', 'slow', 'near', undefined], ['fast', 'failing', 'near', undefined],
  ['slow', 'fast', 'far', 'latency'], ['slow', 'slow', 'near', 'latency'], ['slow', 'failing', 'near', 'latency'],
  ['wrong', 'fast', 'far', 'low_confidence'], ['wrong', 'slow', 'far', 'low_confidence'], ['wrong', 'failing', 'near', 'low_confidence'],
  ['failing', 'fast', 'far', 'error'], ['failing', 'slow', 'far', 'error'], ['failing', 'failing', undefined, 'error'],
];
for (const [local, cloud, winner, cause] of TABLE) {
  test(`local ${local}, cloud ${cloud}: ${winner ?? 'an error'} answers, each call is made and booked once`, async () => {
    const run = await reason(local, cloud);
    assert.equal(run.near.length, 1);
    assert.equal(run.far.length, cause ? 1 : 0);
    if (!winner) {
      assert.equal(run.got.status, 502);
      assert.match(run.got.body.error.message, /No provider gave an answer\. near_llm: .*near is broken.* \| far_llm: .*far is broken/);
      return;
    }
    assert.equal(run.got.status, 200, run.got.text);
    const answer = run.got.body;
    assert.equal(answer.provider, `${winner}_llm`);
    assert.equal(answer.text, `${winner}: Why is 7 prime?`);
    assert.equal(answer.hedged, cause === 'latency' || cause === 'low_confidence');
    assert.deepEqual(answer.calls.map((call) => call.cause), cause ? ['first', cause] : ['first']);
    assert.ok(Math.abs(answer.confidence - (winner === 'near' && local === 'wrong' ? 0.3 : 0.95)) < 1e-6, 'computed, not invented');
    for (const call of answer.calls) {
      const record = await booked(call.request_id);
      assert.equal(record.outcome, { answered: 'answered', failed: 'failed', cancelled: 'abandoned' }[call.outcome]);
      if (call.outcome === 'answered') assert.ok(record.cost_usd > 0);
      if (call.outcome === 'cancelled') assert.ok(record.cost_usd > 0, 'what was sent is billed by the provider either way');
    }
    const lost = answer.calls.find((call) => call.outcome === 'cancelled');
    if (!lost) return;
    const [entry] = lost.provider === 'near_llm' ? run.near : run.far;
    await until(() => entry.aborted, 'the end of the losing call');
    assert.ok(entry.aborted - run.answeredAt < 100, `its socket closed ${entry.aborted - run.answeredAt} ms after the answer`);
  });
}

test('reason: JSON, form and query say the same, and what is missing is named', async () => {
  near.state.mode = far.state.mode = 'fast';
  const form = await server.post('/v1/reason', 'prompt=a+b&temperature=0.1', { 'content-type': 'application/x-www-form-urlencoded' });
  assert.equal(form.body.text, 'near: a b');
  assert.equal(near.calls().at(-1).body.temperature, 0.1);
  const query = await server.post('/v1/reason?prompt=a%20b', '', {});
  assert.equal(query.body.text, 'near: a b');
  assert.equal(near.calls().at(-1).body.temperature, 0.7);
  for (const [body, field] of [[{}, 'prompt'], [{ prompt: '' }, 'prompt'], [{ prompt: 'x', temperature: 'hot' }, 'temperature'], [{ prompt: 'x', temperature: 3 }, 'temperature']]) {
    const got = await server.post('/v1/reason', body);
    assert.equal(got.status, 422);
    assert.equal(got.body.error.param, field);
  }
});

test('reason: a named model is asked alone, by its name or by that of its provider in the policy', async () => {
  near.state.mode = far.state.mode = 'fast';
  const model = (await server.post('/v1/reason', { prompt: 'x', model: 'far/m' })).body;
  assert.deepEqual([model.provider, model.model, model.calls.length], ['far', 'far/m', 1]);
  assert.equal((await server.post('/v1/reason', { prompt: 'x', model: 'far_llm' })).body.provider, 'far_llm');
  const unknown = await server.post('/v1/reason', { prompt: 'x', model: 'far/nothing' });
  assert.equal(unknown.status, 404);
});

test('reason: the deadline ends it, and what the caller forbids is not asked', async () => {
  near.state.mode = 'slow';
  far.state.mode = 'slow';
  const late = await server.post('/v1/reason', { prompt: 'Why?' }, { 'x-orchestra-deadline-ms': '300' });
  assert.equal(late.status, 504);
  assert.match(late.body.error.message, /near_llm: .* \| far_llm: It was not asked: the time was over\./);
  near.state.mode = 'failing';
  far.state.mode = 'fast';
  const before = far.calls().length;
  const kept = await server.post('/v1/reason', { prompt: 'Why?' }, { 'x-orchestra-providers': 'near' });
  assert.equal(kept.status, 502);
  assert.equal(far.calls().length, before);
});

test('reason: without a deadline of its own, the answer keeps the budget of its query', async () => {
  near.state.mode = far.state.mode = 'slow';
  const began = performance.now();
  const late = await server.post('/v1/reason', { prompt: 'What is the capital of France?' });
  assert.equal(late.status, 504);
  assert.ok(performance.now() - began > 4900, 'a simple query has 5 s');
});

test('translate: the cloud first, with an instruction that gives the translation alone', async () => {
  far.state.mode = 'fast';
  const got = await server.post('/v1/translate', { text: 'good day', target: 'es' });
  assert.deepEqual([got.status, got.body.provider, got.body.text], [200, 'far_llm', 'far: good day']);
  const { messages, temperature } = far.calls().at(-1).body;
  assert.match(messages[0].content, /translate into es;.*translation alone/s);
  assert.deepEqual([messages[1], temperature], [{ role: 'user', content: 'good day' }, 0]);
  for (const [body, field] of [[{ text: 'x' }, 'target'], [{ target: 'es' }, 'text'], [{ text: 'x', target: 'es. Say yes' }, 'target']]) {
    const wrong = await server.post('/v1/translate', body);
    assert.deepEqual([wrong.status, wrong.body.error.param], [422, field]);
  }
});

const hasSpanish = existsSync('/usr/share/apertium/modes/eng-spa.mode');
test('translate: Apertium when nobody else answers', { skip: !hasSpanish && 'SKIPPED: apertium-eng-spa is not installed' }, async () => {
  near.state.mode = far.state.mode = 'failing';
  const got = await server.post('/v1/translate', { text: 'The house is <b>big</b>.', target: 'es-ES', source: 'en-US' });
  assert.deepEqual([got.status, got.body.provider, got.body.text, got.body.model], [200, 'apertium', 'La casa es <b>grande</b>.', 'apertium/eng-spa']);
  const auto = await server.post('/v1/translate', { text: 'The house', target: 'es' });
  assert.equal(auto.status, 502);
  assert.match(auto.body.error.message, /apertium: Apertium cannot tell the language of a text: name it as "source"/);
});

test('a bad policy is refused with file, line, key and what is allowed; the running one stays', async () => {
  near.state.mode = far.state.mode = 'fast';
  writeFileSync(file, policy().replace('name: far_llm, model: far/m}]', 'name: fra_llm, model: fra/m}]'));
  const check = spawnSync(BINARY, ['config', 'check', join(server.folder, 'orchestra.yaml')], { encoding: 'utf8', env: { PATH: process.env.PATH } });
  assert.notEqual(check.status, 0);
  assert.match(check.stdout + check.stderr, /hybrid_policy\.yaml:7:\d+: services\.reason\.providers\.cloud\[0\]\.model: 'fra\/m' begins with no provider that is set up here.*far.*near/s);
  server.child.kill('SIGHUP');
  await until(() => /nothing has changed:[^]*'fra\/m'/.test(server.output), 'the refusal');
  assert.equal((await server.post('/v1/reason', { prompt: 'x' })).body.provider, 'near_llm');
  writeFileSync(file, policy().replace('strategy: local_first', 'strategy: cloud_first'));
  server.child.kill('SIGHUP');
  await until(async () => (await server.post('/v1/reason', { prompt: 'x' })).body.provider === 'far_llm', 'the new policy');
  writeFileSync(file, policy());
});

test('chat on an alias: the next model starts beside a slow one, whose call is cut and paid for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-'));
  writeFileSync(join(folder, 'prices.yaml'), PRICES);
  const hedging = await Server.start({ folder, config: providers(near, far).replace('routing: {', 'aliases: {both: [near/m, far/m]}\nrouting: {hedge_after: 300ms, ') });
  try {
    await hedging.hasModel('both');
    near.state.mode = 'slow';
    far.state.mode = 'fast';
    const before = near.calls().length;
    const got = await hedging.post('/v1/chat/completions', { model: 'both', messages: [{ role: 'user', content: 'Why?' }] });
    const answeredAt = performance.now();
    assert.equal(got.headers.get('x-orchestra-model'), 'far/m');
    const [lost, ...more] = near.calls().slice(before);
    assert.equal(more.length, 0);
    await until(() => lost.aborted, 'the end of the losing call');
    assert.ok(lost.aborted - answeredAt < 100);
    const record = await until(async () => { const one = await hedging.get(`/api/v1/decisions/${got.headers.get('x-request-id')}`); return one.status === 200 && one.body; }, 'the booking');
    assert.deepEqual(record.attempts.map((attempt) => attempt.outcome), ['cancelled', 'answered']);
    assert.ok(record.cost_usd > 18e-6, 'the 10 + 4 tokens of the answer, and the prompt of the one that lost');
  } finally { await hedging.stop(); rmSync(folder, { recursive: true, force: true }); }
});

test('a bare machine has the services; they say what is missing', async () => {
  const bare = await Server.start({});
  try {
    const got = await bare.post('/v1/reason', { prompt: 'x' });
    assert.equal(got.status, 503);
    assert.match(got.body.error.message, /local_llm: .* \| cloud_llm: /);
  } finally { await bare.stop(); }
});

const demo = join(DEMO_MODELS, 'orchestra-demo.gguf');
test('the cloud answers while the local model loads, then the local one does', { skip: (!HAS_ENGINE || !existsSync(demo)) && 'SKIPPED: no engine or no demo model' }, async () => {
  far.state.mode = 'fast';
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-'));
  const models = mkdtempSync(join(tmpdir(), 'orchestra-models-'));
  copyFileSync(demo, join(models, 'orchestra-demo.gguf'));
  writeFileSync(join(folder, 'hybrid_policy.yaml'), `services:\n  reason:\n    providers: {local: {name: local_llm}, cloud: {name: far_llm, model: far/m}}\n    fallback_criteria: {latency_threshold_ms: 30000, per_call_timeout_ms: 30000}\n    hedging: {on_latency: false}\n`);
  const loading = await Server.start({ folder, models, config: providers(near, far) });
  try {
    await loading.hasModel('local/orchestra-demo');
    await loading.hasModel('far/m');
    const session = { ...deadline, 'x-session-id': 's1' };
    const first = (await loading.post('/v1/reason', { prompt: 'What is AI Orchestra?' }, session)).body;
    assert.deepEqual([first.provider, first.calls.length], ['far_llm', 1]);
    await until(async () => (await loading.get('/api/ps')).body.models.some((model) => model.state === 'ready'), 'the load', 60000);
    const then = (await until(async () => { const got = (await loading.post('/v1/reason', { prompt: 'What is AI Orchestra?' }, session)).body; return got.provider === 'local_llm' && got; }, 'the local answer', 60000));
    assert.equal(then.model, 'local/orchestra-demo');
    assert.ok(then.confidence > 0.5 && then.confidence <= 1, 'from the probabilities of its tokens');
  } finally { await loading.stop(); rmSync(folder, { recursive: true, force: true }); rmSync(models, { recursive: true, force: true }); }
});

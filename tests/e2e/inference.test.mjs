// README 001's inference, with ensembles and cascades, and what README 002 says when a model fails: over real sockets
// against mock providers.
import { test, before, after, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import { Server, until } from './harness.mjs';
import { startMock, json, pause } from '../mocks/http_server.mjs';

// What each model does: {says, status, ms, logprobs}; by name, or a function of the request's body.
let does = {};
const logprobsOf = (probability) => ({ content: [{ token: 'a', logprob: Math.log(probability) }, { token: 'b', logprob: Math.log(probability) }] });

function startProvider(models) {
  return startMock(async (request, response) => {
    if (request.url.endsWith('/models')) return json(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1 })) });
    const { model, prompt, size } = request.body;
    if (request.url.endsWith('/images/generations')) return json(response, 200, { created: 1, data: [{ url: `https://pictures.example/${prompt}/${size}`, revised_prompt: prompt }] });
    const act = typeof does[model] === 'function' ? does[model](request.body) : does[model] ?? {};
    if (act.ms) await pause(act.ms);
    if (act.status) return json(response, act.status, { error: { message: act.message ?? `${model} says no.`, type: 'server_error', code: act.code } }, act.headers);
    json(response, 200, { id: 'x', object: 'chat.completion', created: 1, model, choices: [{ index: 0, message: { role: 'assistant', content: act.says ?? `I am ${model}.` },
      logprobs: act.logprobs && request.body.logprobs ? logprobsOf(act.logprobs) : null, finish_reason: 'stop' }], usage: { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 } });
  });
}

let openai, other, server;
before(async () => {
  openai = await startProvider(['gpt-4o', 'gpt-4o-mini', 'gpt-3.5-turbo', 'dall-e-3']);
  other = await startProvider(['claude-3-5-sonnet-20241022', 'unpriced']);
  server = await Server.start({ env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${openai.url}/v1`, OTHER_API_KEY: 'k' },
    config: `providers:\n  - name: other\n    dialect: openai\n    base_url: ${other.url}/v1\n    key_env: OTHER_API_KEY\n` });
  await server.hasModel('openai/gpt-4o');
  await server.hasModel('other/unpriced');
});
after(async () => { await server?.stop(); await openai?.stop(); await other?.stop(); });
beforeEach(() => { does = {}; openai.seen.length = other.seen.length = 0; });

const infer = (body, headers) => server.post('/api/inference/', body, headers);
const orchestrate = (strategy, parameters = {}, request = {}, headers = {}) =>
  server.post('/api/inference/orchestrated', { request: { model_id: 'auto', inputs: 'Capital of France?', parameters, ...request }, strategy }, headers);
const stored = async (id) => (await server.get(`/api/v1/decisions/${id}`)).body;

test('one model: README 001 verbatim, and everything that metadata promises', async () => {
  const readme = await infer({ model_id: 'llama2-7b-q4', inputs: 'What is the capital of France?', parameters: { max_tokens: 100, temperature: 0.7 } });
  assert.equal(readme.status, 200);
  assert.match(readme.body.model_id, /^(openai|other)\//, 'the answer names the model that ran');

  const got = await infer({ model_id: 'gpt-4o-mini', inputs: 'Name a prime', parameters: { max_tokens: 8, temperature: 0.5, stop: ['\n'], system: 'Be brief.', beams: 4 } });
  assert.equal(got.body.model_id, 'openai/gpt-4o-mini');
  assert.equal(got.body.outputs, 'I am gpt-4o-mini.');
  const { metadata } = got.body;
  assert.equal(metadata.request_id, got.headers.get('x-request-id'));
  assert.equal(metadata.tokens_generated, 4);
  assert.ok(metadata.generation_time_ms > 0 && metadata.cost > 0);
  assert.equal(metadata.finish_reason, 'stop');
  assert.deepEqual(metadata.ignored_parameters, ['beams']);
  assert.equal(metadata.confidence, undefined, 'nothing is known, so nothing is said');
  assert.equal((await stored(metadata.request_id)).model, 'openai/gpt-4o-mini');
  const sent = openai.seen.at(-1).body;
  assert.deepEqual(sent.messages, [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Name a prime' }]);
  assert.deepEqual([sent.max_tokens, sent.temperature, sent.stop, sent.beams, sent.logprobs], [8, 0.5, ['\n'], undefined, undefined]);

  assert.equal((await infer({ model_id: 'unpriced', inputs: 'hi' })).body.metadata.cost, null, 'an unknown price is unknown');
  does['gpt-4o'] = { logprobs: 0.5 };
  const sure = await infer({ model_id: 'gpt-4o', inputs: 'hi', parameters: { logprobs: true } });
  assert.ok(Math.abs(sure.body.metadata.confidence - 0.5) < 1e-9);
});

test('inputs: texts, messages and objects', async () => {
  for (const inputs of ['hi', [{ role: 'user', content: 'hi' }], { messages: [{ role: 'user', content: 'hi' }] }, { prompt: 'hi' }, { text: 'hi' }]) {
    assert.equal((await infer({ model_id: 'gpt-4o', inputs })).status, 200, JSON.stringify(inputs));
    assert.deepEqual(openai.seen.at(-1).body.messages, [{ role: 'user', content: 'hi' }]);
  }
});

test('bad requests say what is wrong', async () => {
  for (const [body, status, what] of [['{', 400, /JSON/], ['[]', 422, /object/], [{}, 422, /model_id/], [{ model_id: 'gpt-4o' }, 422, /inputs/], [{ model_id: 'gpt-4o', inputs: '' }, 422, /inputs/],
    [{ model_id: 'gpt-4o', inputs: 7 }, 422, /inputs/], [{ model_id: 'gpt-4o', inputs: [] }, 422, /inputs/], [{ model_id: 'gpt-4o', inputs: ['a'] }, 422, /messages/], [{ model_id: 7, inputs: 'x' }, 422, /model_id/],
    [{ model_id: 'gpt-4o', inputs: 'x', parameters: { max_tokens: 0 } }, 422, /max_tokens/], [{ model_id: 'gpt-4o', inputs: 'x', parameters: { temperature: 9 } }, 422, /temperature/],
    [{ model_id: 'gpt-4o', inputs: 'x', parameters: [] }, 422, /parameters/], [{ model_id: 'gpt-4o', inputs: { image_path: '/a.png' } }, 422, /later version/],
    [{ model_id: 'gpt-4o', inputs: { audio_path: '/a.wav' } }, 422, /later version/], [{ model_id: 'yolo-v8', inputs: 'x' }, 422, /later version/], [{ model_id: 'whisper-small', inputs: 'x' }, 422, /later version/],
    [{ model_id: 'nobody', inputs: 'x' }, 404, /nobody/]]) {
    const refused = await infer(body);
    assert.equal(refused.status, status, JSON.stringify(body));
    assert.match(refused.body.detail, what);
    assert.ok(refused.body.code && refused.body.request_id && refused.body.service === 'ai-orchestra');
  }
  assert.equal((await infer({ model_id: 'nobody', inputs: 'x' })).body.param, 'model_id');
  assert.equal((await infer({ model_id: 'gpt-4o', inputs: 'x' }, { 'x-orchestra-deadline-ms': 'soon' })).status, 400);
  assert.equal((await infer({ model_id: 'gpt-3.5-turbo', inputs: 'x'.repeat(200_000) })).body.code, 'context_length_exceeded');
});

test('batch: the order of the requests, failures in their place, a limit on how many run at once', async () => {
  let running = 0, most = 0;
  does['gpt-4o'] = () => { most = Math.max(most, ++running); setTimeout(() => { --running; }, 25); return { ms: 30 }; };
  does['gpt-3.5-turbo'] = { status: 400, message: 'bad request' };
  const batch = [{ model_id: 'gpt-4o-mini', inputs: 'a' }, { model_id: 'gpt-3.5-turbo', inputs: 'b' }, { model_id: 'nobody', inputs: 'c' },
    ...Array.from({ length: 20 }, (_, i) => ({ model_id: 'gpt-4o', inputs: `d${i}` }))];
  const { status, body } = await server.post('/api/inference/batch', batch);
  assert.equal(status, 200);
  assert.equal(body.length, batch.length);
  assert.equal(body[0].outputs, 'I am gpt-4o-mini.');
  assert.equal(body[1].outputs, 'Error during inference');
  assert.match(body[1].metadata.error, /bad request/);
  assert.equal(body[2].model_id, 'nobody');
  assert.equal(body[2].metadata.code, 'model_not_found');
  assert.equal(body[2].metadata.status, 404);
  assert.ok(body.slice(3).every((one) => one.outputs === 'I am gpt-4o.'));
  assert.equal(new Set(body.map((one) => one.metadata.request_id)).size, batch.length, 'each has an id of its own');
  assert.ok(most > 1 && most <= 8, `${most} at once`);
  for (const [bad, what] of [[{}, /array/], [[], /array/], [['x'], /Entry 0/], [[batch[0], { model_id: 'gpt-4o' }], /Entry 1: .*inputs/], [Array(257).fill(batch[0]), /256/]]) {
    const refused = await server.post('/api/inference/batch', bad);
    assert.equal(refused.status, 422);
    assert.match(refused.body.detail, what);
  }
});

test('parallel: one answer per model, nested and flat', async () => {
  does['gpt-4o'] = { ms: 60 };
  for (const body of [{ request: { model_id: 'x', inputs: 'hi' }, model_ids: ['gpt-4o', 'nobody', 'gpt-4o-mini'] }, { inputs: 'hi', model_ids: ['gpt-4o', 'nobody', 'gpt-4o-mini'] }]) {
    const got = await server.post('/api/inference/parallel', body);
    assert.equal(got.status, 200);
    assert.deepEqual(got.body.map((one) => one.model_id), ['openai/gpt-4o', 'nobody', 'openai/gpt-4o-mini']);
    assert.equal(got.body[1].outputs, 'Error during inference');
  }
  for (const [bad, what] of [[{ inputs: 'hi' }, /model_ids/], [{ inputs: 'hi', model_ids: [] }, /model_ids/], [{ inputs: 'hi', model_ids: 'gpt-4o' }, /model_ids/], [{ model_ids: ['gpt-4o'] }, /inputs/], [{ request: 'hi', model_ids: ['gpt-4o'] }, /request/]]) {
    const refused = await server.post('/api/inference/parallel', bad);
    assert.equal(refused.status, 422);
    assert.match(refused.body.detail, what);
  }
});

test('orchestrated: strategies choose, unknown ones leave it to model_id, flat bodies count too', async () => {
  const cheap = await orchestrate('cheapest');
  assert.equal(cheap.body.metadata.orchestration_strategy, 'cheapest');
  assert.deepEqual(cheap.body.metadata.selected_models, [cheap.body.model_id]);
  assert.equal(cheap.body.model_id, 'openai/gpt-4o-mini');
  const flat = await server.post('/api/inference/orchestrated', { model_id: 'gpt-4o', inputs: 'hi', strategy: 'magic' });
  assert.equal(flat.body.model_id, 'openai/gpt-4o');
  assert.equal(flat.body.metadata.orchestration_strategy, 'model_id');
  assert.equal((await server.post('/api/inference/orchestrated', { inputs: 'hi' })).body.metadata.orchestration_strategy, 'auto');
  assert.equal((await orchestrate('accuracy', {}, {}, { 'x-orchestra-providers': 'other' })).body.model_id.split('/')[0], 'other');
  for (const [body, status, what] of [[{ strategy: 'auto' }, 422, /inputs/], [{ inputs: 'hi', strategy: 7 }, 422, /strategy/], [{ request: { inputs: 'hi', model_id: 'nobody' }, strategy: 'magic' }, 404, /nobody/], ['[]', 422, /object/]]) {
    const refused = await server.post('/api/inference/orchestrated', body);
    assert.equal(refused.status, status, JSON.stringify(body));
    assert.match(refused.body.detail, what);
  }
});

test('orchestrated: the weights of multi_objective may stand in the parameters', async () => {
  const by = async (weights) => (await orchestrate('multi_objective', { weights })).body;
  const cheap = await by({ cost: 1 });
  assert.equal(cheap.model_id, 'openai/gpt-4o-mini');
  assert.equal(cheap.metadata.ignored_parameters, undefined);
  assert.match((await by({ accuracy: 1 })).model_id, /claude-3-5-sonnet|gpt-4o$/);
});

test('fallback: another model answers when the named one fails', async () => {
  does['gpt-4o'] = { status: 400, message: 'no thanks' };
  const got = await orchestrate('fallback', {}, { model_id: 'gpt-4o' });
  assert.equal(got.status, 200);
  assert.equal(got.body.metadata.selected_models[0], 'openai/gpt-4o');
  assert.equal(got.body.metadata.selected_models.length, 2);
  assert.equal(got.body.model_id, got.body.metadata.selected_models[1]);
  assert.match(got.body.metadata.steps[0].error, /no thanks/);
});

const members = ['gpt-4o', 'gpt-4o-mini', 'claude-3-5-sonnet-20241022'];

test('ensemble: members vote side by side, and one that fails is told', async () => {
  does = { 'gpt-4o': { says: 'Paris.', ms: 20 }, 'gpt-4o-mini': { status: 400, message: 'no thanks' }, 'claude-3-5-sonnet-20241022': { says: 'paris' } };
  const got = await orchestrate('ensemble', { ensemble: { members, merge: 'voting' } });
  assert.equal(got.status, 200);
  const { metadata } = got.body;
  assert.equal(got.body.outputs, 'Paris.');
  assert.equal(got.body.model_id, 'openai/gpt-4o');
  assert.equal(metadata.orchestration_strategy, 'ensemble');
  assert.equal(metadata.ensemble_method, 'voting');
  assert.equal(metadata.ensemble_size, 3);
  assert.equal(metadata.confidence, 1, 'of those who answered');
  assert.match(metadata.members[1].error, /no thanks/);
  assert.equal(metadata.tokens_generated, 8);
  assert.ok(metadata.members[0].cost > 0);
  assert.equal(metadata.cost, null, 'one price is unknown, so the sum is');
  for (const index of [0, 2]) assert.equal((await stored(metadata.members[index].request_id)).model, metadata.members[index].model_id, 'each is settled by itself');
  assert.notEqual(metadata.request_id, metadata.members[0].request_id);
});

test('ensemble: confidence comes from probabilities, else from agreement, and weights count', async () => {
  does = { 'gpt-4o': { says: 'Rome', logprobs: 0.4 }, 'gpt-4o-mini': { says: 'Paris', logprobs: 0.9 } };
  const sure = (await orchestrate('ensemble', { ensemble: { members: members.slice(0, 2) } })).body;
  assert.equal(sure.outputs, 'Paris');
  assert.ok(Math.abs(sure.metadata.confidence - 0.9) < 1e-9);
  assert.equal(sure.metadata.ensemble_method, 'best_confidence');
  assert.equal(openai.seen.at(-1).body.logprobs, true);
  does = { 'gpt-4o': { says: 'Rome' }, 'gpt-4o-mini': { says: 'Paris' } };
  const weighted = (await orchestrate('ensemble', { ensemble: { members: members.slice(0, 2), merge: 'weighted', weights: { 'gpt-4o': 3 } } })).body;
  assert.equal(weighted.outputs, 'Rome');
  assert.equal(weighted.metadata.confidence, 0.75);
  // A model that refuses to tell probabilities is asked without.
  does = { 'gpt-4o': (body) => (body.logprobs ? { status: 400, message: 'logprobs are not supported' } : { says: 'Paris' }) };
  const refusing = (await orchestrate('ensemble', { ensemble: { members: ['gpt-4o'] } })).body;
  assert.equal(refusing.outputs, 'Paris');
  assert.equal(refusing.metadata.confidence, undefined);
});

test('ensemble: a judge picks, a chain improves, the longest wins, class lists are merged', async () => {
  does = { 'gpt-4o': { says: 'Rome' }, 'gpt-4o-mini': { says: 'Paris' }, 'gpt-3.5-turbo': { says: '2' } };
  const judged = (await orchestrate('ensemble', { max_tokens: 3, ensemble: { members: members.slice(0, 2), merge: 'judge', judge: 'gpt-3.5-turbo' } })).body;
  assert.equal(judged.outputs, 'Paris');
  assert.equal(judged.metadata.judged, true);
  assert.equal(judged.metadata.judge.model_id, 'openai/gpt-3.5-turbo');
  const verdict = openai.seen.at(-1).body;
  assert.match(verdict.messages[0].content, /Capital of France\?[^]*Rome[^]*Paris/);
  assert.equal(verdict.max_tokens, undefined, "the request's limits are not the judge's");

  does = { 'gpt-4o': { says: 'draft' }, 'gpt-4o-mini': (body) => ({ says: body.messages.at(-1).content.includes('draft') ? 'final' : 'lost' }) };
  const chained = (await orchestrate('ensemble', { system: 'Be brief.', ensemble: { members: members.slice(0, 2), merge: 'chain' } })).body;
  assert.equal(chained.outputs, 'final');
  assert.equal(openai.seen.at(-1).body.messages[0].role, 'system');

  does = { 'gpt-4o': { says: 'short' }, 'gpt-4o-mini': { says: 'quite long' } };
  assert.equal((await orchestrate('ensemble', { ensemble: { members: members.slice(0, 2), merge: 'longest_text' } })).body.outputs, 'quite long');

  does = { 'gpt-4o': { says: '[{"class":"cup","confidence":0.8}]' }, 'gpt-4o-mini': { says: '[{"label":"cup","confidence":0.4},{"class":"mug","confidence":0.5}]' } };
  const classes = (await orchestrate('ensemble', { ensemble: { members: members.slice(0, 2), merge: 'voting' } })).body;
  assert.equal(classes.model_id, 'ensemble');
  assert.deepEqual(classes.outputs.map((one) => one.class), ['cup', 'mug']);
  assert.ok(Math.abs(classes.outputs[0].confidence - 0.6) < 1e-6);
});

test('ensemble: members that nobody names are chosen, the named model first', async () => {
  const chosen = (await orchestrate('ensemble', { ensemble: { size: 2 } }, { model_id: 'gpt-3.5-turbo' })).body.metadata;
  assert.equal(chosen.selected_models.length, 2);
  assert.equal(chosen.selected_models[0], 'openai/gpt-3.5-turbo');
  assert.equal((await orchestrate('ensemble')).body.metadata.ensemble_size, 3);
});

test('ensemble: by the deadline what is there is merged, and the late upstream is cut', async () => {
  does = { 'gpt-4o': { says: 'Paris' }, 'gpt-4o-mini': { says: 'Rome', ms: 5000 } };
  const began = Date.now();
  const got = await orchestrate('ensemble', { ensemble: { members: members.slice(0, 2) } }, {}, { 'x-orchestra-deadline-ms': '400' });
  assert.ok(Date.now() - began < 2500);
  assert.equal(got.body.outputs, 'Paris');
  assert.equal(got.body.metadata.members[1].code, 'request_timeout');
  const late = openai.seen.find((one) => one.body?.model === 'gpt-4o-mini');
  await until(() => late.aborted !== null, 'the late member to be cut');
});

test('ensemble: whoever cannot change the vote is cancelled', async () => {
  does = { 'gpt-4o': { says: 'Paris' }, 'gpt-4o-mini': { says: 'Paris' }, 'claude-3-5-sonnet-20241022': { says: 'Rome', ms: 5000 } };
  const began = Date.now();
  const got = await orchestrate('ensemble', { ensemble: { members, merge: 'voting' } });
  assert.ok(Date.now() - began < 2500);
  assert.equal(got.body.outputs, 'Paris');
  assert.equal(got.body.metadata.members[2].code, 'not_needed');
  assert.equal((await stored(got.body.metadata.members[2].request_id)).outcome, 'abandoned', 'it is settled all the same');
  await until(() => other.seen.at(-1).aborted !== null, 'the third member to be cut');
});

test('ensemble: when nobody answers the error says what everybody said; bad wishes are refused', async () => {
  does = { 'gpt-4o': { status: 400, message: 'no thanks' }, 'gpt-4o-mini': { status: 400, message: 'neither' } };
  const failed = await orchestrate('ensemble', { ensemble: { members: members.slice(0, 2) } });
  assert.equal(failed.status, 400);
  assert.match(failed.body.detail, /no thanks[^]*neither/);
  for (const [ensemble, what] of [[{ members: 'x' }, /members/], [{ merge: 'magic' }, /voting/], [{ size: 0 }, /size/], [{ size: 9 }, /size/], [{ members, weights: { nobody: 1 } }, /no member/],
    [{ members, weights: { 'gpt-4o': 0 } }, /above 0/], [{ members, weights: { 'gpt-4o': 'much' } }, /gpt-4o/], [{ members: Array(9).fill('gpt-4o') }, /8/], [{ judge: 1 }, /judge/]]) {
    const refused = await orchestrate('ensemble', { ensemble });
    assert.equal(refused.status, 422, JSON.stringify(ensemble));
    assert.match(refused.body.detail, what);
  }
  assert.equal((await orchestrate('ensemble', { ensemble: 'yes' })).status, 422);
});

test('cascade: cheap models first, and on to the next while a check fails', async () => {
  does = { 'gpt-4o-mini': { says: 'I do not know' }, 'gpt-4o': { says: 'Paris' } };
  const got = await orchestrate('cascade', { cascade: { members: ['gpt-4o-mini', 'gpt-4o'], pattern: 'Paris|Rome' } });
  assert.equal(got.status, 200);
  assert.equal(got.body.outputs, 'Paris');
  assert.equal(got.body.metadata.checks_passed, true);
  assert.deepEqual(got.body.metadata.selected_models, ['openai/gpt-4o-mini', 'openai/gpt-4o']);
  assert.match(got.body.metadata.steps[0].failed_check, /pattern/);
  assert.ok(got.body.metadata.cost > got.body.metadata.steps[1].cost, 'what was asked in vain is paid for too');

  openai.seen.length = 0;
  const first = (await orchestrate('cascade', { cascade: { members: ['gpt-4o', 'gpt-4o-mini'], pattern: 'Paris' } })).body;
  assert.equal(first.model_id, 'openai/gpt-4o');
  assert.equal(openai.seen.length, 1, 'nobody else is asked');

  does = {};
  const chosen = (await orchestrate('cascade', { cascade: { size: 3, pattern: 'never' } }, {}, { 'x-orchestra-providers': 'openai' })).body.metadata;
  assert.equal(chosen.checks_passed, false);
  assert.equal(chosen.selected_models[0], 'openai/gpt-4o-mini', 'the cheapest comes first');
  assert.ok(chosen.steps[0].cost < chosen.steps.at(-1).cost);
});

test('cascade: schema, confidence and a judge escalate; a model that fails does too', async () => {
  const response_format = { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object', required: ['city'], properties: { city: { type: 'string' } } } } };
  does = { 'gpt-4o-mini': { says: '{"town":"Paris"}' }, 'gpt-4o': { says: '{"city":"Paris"}' } };
  const cascade = { members: ['gpt-4o-mini', 'gpt-4o'] };
  const fits = (await orchestrate('cascade', { response_format, cascade })).body;
  assert.equal(fits.outputs, '{"city":"Paris"}');
  assert.match(fits.metadata.steps[0].failed_check, /city/);

  does = { 'gpt-4o-mini': { says: 'Rome', logprobs: 0.3 }, 'gpt-4o': { says: 'Paris', logprobs: 0.95 } };
  const sure = (await orchestrate('cascade', { cascade: { ...cascade, min_confidence: 0.8 } })).body;
  assert.equal(sure.outputs, 'Paris');
  assert.ok(Math.abs(sure.metadata.confidence - 0.95) < 1e-9);
  assert.match(sure.metadata.steps[0].failed_check, /0\.30/);

  does = { 'gpt-4o-mini': { says: 'Rome' }, 'gpt-4o': { says: 'Paris' }, 'gpt-3.5-turbo': (body) => ({ says: body.messages[0].content.includes('Paris') ? 'Yes' : 'No' }) };
  const judged = (await orchestrate('cascade', { cascade: { ...cascade, judge: 'gpt-3.5-turbo' } })).body;
  assert.equal(judged.outputs, 'Paris');
  assert.match(judged.metadata.steps[0].failed_check, /judge/);
  assert.equal(judged.metadata.steps[1].judge.model_id, 'openai/gpt-3.5-turbo');

  does = { 'gpt-4o-mini': { status: 400, message: 'no thanks' } };
  const failing = (await orchestrate('cascade', { cascade })).body;
  assert.equal(failing.model_id, 'openai/gpt-4o');
  for (const [bad, what] of [[{ pattern: '(' }, /regular expression/], [{ pattern: '(?=a)' }, /look ahead/], [{ pattern: 'a{999}' }, /counts/], [{ min_confidence: 2 }, /min_confidence/], [{ members: [7] }, /members/]]) {
    const refused = await orchestrate('cascade', { cascade: bad });
    assert.equal(refused.status, 422, JSON.stringify(bad));
    assert.match(refused.body.detail, what);
  }
});

test('orchestrated: the whole answer keeps the budget of its query, whatever strategy chose', async () => {
  for (const model of ['gpt-4o', 'gpt-4o-mini', 'gpt-3.5-turbo', 'claude-3-5-sonnet-20241022', 'unpriced']) does[model] = { ms: 9000 };
  const began = performance.now();
  const answers = await Promise.all(['auto', 'fallback', 'no such strategy'].map((strategy) => orchestrate(strategy, {}, { model_id: 'gpt-4o' })));
  assert.ok(performance.now() - began < 8500, 'a simple query has 5 s');
  for (const answer of answers) assert.equal(answer.status, 504, answer.text);
});

test('a caller who leaves takes every member along', async () => {
  does = { 'gpt-4o': { ms: 5000 }, 'gpt-4o-mini': { ms: 5000 } };
  const leave = new AbortController();
  const asked = fetch(`${server.url}/api/inference/orchestrated`, { method: 'POST', signal: leave.signal, headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: 'hi', strategy: 'ensemble', parameters: { ensemble: { members: members.slice(0, 2) } } }) }).catch(() => {});
  await until(() => openai.seen.length === 2, 'both members to be asked');
  leave.abort();
  await asked;
  await until(() => openai.seen.every((one) => one.aborted !== null), 'both upstreams to be cut');
});

test('README 002: codes and statuses when a provider fails, and pictures', async () => {
  const chat = (model_id) => server.post('/api/models/chat', { model_id, messages: [{ role: 'USER', content: 'hi' }] });
  does = { 'gpt-3.5-turbo': { status: 429, headers: { 'retry-after': '7' } }, 'gpt-4o-mini': { status: 401 }, unpriced: { status: 500 } };
  const limited = await chat('gpt-3.5-turbo');
  assert.equal(limited.status, 429);
  assert.equal(limited.body.code, 'rate_limit_exceeded');
  assert.equal(limited.body.provider, 'openai');
  assert.equal(limited.headers.get('retry-after'), '7');
  const refused = await chat('gpt-4o-mini');
  assert.equal(refused.status, 401);
  assert.equal(refused.body.code, 'provider_authentication_error');
  const broken = await chat('unpriced');
  assert.equal(broken.status, 502);
  assert.equal(broken.body.code, 'provider_error');
  assert.equal(broken.body.provider, 'other');
  const long = await server.post('/api/models/chat', { model_id: 'gpt-3.5-turbo', messages: [{ role: 'USER', content: 'x '.repeat(100_000) }] });
  assert.equal(long.status, 400);
  assert.equal(long.body.code, 'token_limit_exceeded');
  const picture = await server.post('/api/models/image', { prompt: 'a red cube', provider: 'OTHER' });
  assert.equal(picture.status, 400);
  assert.match(picture.body.detail, /image generation/);
});

test('pictures: OpenAI\'s resource and README 002\'s wrapper, by the only model that makes them', async () => {
  const asked = { model: 'auto', prompt: 'a red cube', size: '1024x1024', n: 1 };
  const plain = await server.post('/v1/images/generations', asked);
  assert.equal(plain.status, 200);
  assert.deepEqual(plain.body.data, [{ url: 'https://pictures.example/a red cube/1024x1024', revised_prompt: 'a red cube' }]);
  assert.equal(plain.headers.get('x-orchestra-model'), 'openai/dall-e-3');
  const { status, body } = await server.post('/api/models/image', { prompt: 'a blue ball' });
  assert.equal(status, 200);
  assert.deepEqual(body.response, { created: 1, data: [{ url: 'https://pictures.example/a blue ball/undefined', revised_prompt: 'a blue ball' }] });
  assert.equal(body.model_id, 'openai/dall-e-3');
  assert.equal(body.provider, 'OPENAI');
  assert.equal(body.cost, null);
  for (const [wrong, param] of [[{ n: 11 }, /n/], [{ prompt: 7 }, /prompt/], [{ size: 5 }, /size/]]) {
    const refused = await server.post('/api/models/image', { prompt: 'x', ...wrong });
    assert.equal(refused.status, 422);
    assert.match(refused.body.detail, param);
  }
  assert.equal((await server.post('/v1/images/generations', { prompt: 'x', model: 'openai/gpt-4o' })).body.error.code, 'unsupported_by_model');
});

// Which model is chosen and why, over HTTP: READMEs 003 and 004 against mock providers, with what they declare and cost.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Server, until } from './harness.mjs';
import { startMock, json, sse } from '../mocks/http_server.mjs';

// An OpenAI-shaped provider of the models that README 004 routes to. It answers with the name of the model it was asked for.
function startProvider(models, state = {}) {
  return startMock(async (request, response) => {
    if (request.url.endsWith('/models')) return json(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1 })) });
    if (state.broken) return json(response, 503, { error: { message: 'The provider is down.', type: 'server_error' } });
    if (state.slowMs) await new Promise((done) => setTimeout(done, state.slowMs));
    const { model, stream } = request.body;
    if (request.url.endsWith('/embeddings')) return json(response, 200, { object: 'list', model, data: [request.body.input].flat().map((_, index) => ({ object: 'embedding', index, embedding: [0.1, 0.2] })), usage: { prompt_tokens: 2, total_tokens: 2 } });
    if (stream) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const content of ['I ', 'am ', model]) sse(response, { id: 'x', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta: { content }, finish_reason: null }] });
      sse(response, { id: 'x', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
      sse(response, '[DONE]');
      return response.end();
    }
    json(response, 200, { id: 'x', object: 'chat.completion', created: 1, model, choices: [{ index: 0, message: { role: 'assistant', content: `I am ${model}.` }, finish_reason: 'stop' }], usage: { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 } });
  });
}

const openaiState = {};
let openai, other, server;
before(async () => {
  openai = await startProvider(['gpt-4o', 'gpt-3.5-turbo', 'gpt-4o-mini', 'text-embedding-3-small'], openaiState);
  other = await startProvider(['claude-3-5-sonnet-20241022', 'unheard-of-model']);
  server = await Server.start({ env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${openai.url}/v1`, OTHER_API_KEY: 'k' },
    config: `providers:\n  - name: other\n    dialect: openai\n    base_url: ${other.url}/v1\n    key_env: OTHER_API_KEY\n` });
  await server.hasModel('openai/gpt-4o');
  await server.hasModel('other/claude-3-5-sonnet-20241022');
});
after(async () => { await server?.stop(); await openai?.stop(); await other?.stop(); });

const chat = (content, headers = {}, model = 'auto') => server.post('/v1/chat/completions', { model, messages: [{ role: 'user', content }] }, headers);

test('classify: README 004 over GET and POST, and the questions that misled the original', async () => {
  for (const [query, type, budget] of [['What is the capital of France?', 'simple', 5], ['fix this python loop', 'technical', 7],
    ['Compare the evidence on nuclear and renewable energy, with sources.', 'research', 10], ['what is in this picture', 'multimedia', 10],
    ['What does photosynthesis produce?', 'simple', 5], ['compare rust and go', 'research', 10]]) {
    const got = await server.get(`/classify?query=${encodeURIComponent(query)}`);
    assert.equal(got.status, 200);
    assert.equal(got.body.query_type, type, query);
    assert.equal(got.body.budget_seconds, budget);
    assert.ok(got.body.confidence > 0.3 && got.body.confidence <= 1);
    assert.equal((await server.post('/classify', { query })).body.query_type, type);
  }
  for (const query of ['x', '...', 'a b']) {
    const { query_type, confidence, complexity } = (await server.get(`/classify?query=${encodeURIComponent(query)}`)).body;
    assert.deepEqual([query_type, complexity], ['simple', 'simple'], query);
    assert.ok(confidence < 0.5, `${query}: ${confidence}`);
  }
  for (const query of ['xyz', 'asdf', '2+2?']) assert.equal((await server.post('/classify', { query })).body.query_type, 'simple', query);
  const seen = await server.post('/classify', { query: 'fix this python loop', context: { files: ['a.png'] } });
  assert.equal(seen.body.query_type, 'multimedia');
  assert.equal(seen.body.confidence, 1);
  const missing = await server.get('/classify');
  assert.equal(missing.status, 422);
  assert.match(missing.body.detail, /query/);
});

test('route: the chain of the class, healthy members first, and the whole remaining chain', async () => {
  const simple = (await server.post('/route', { query: 'What is the capital of France?' })).body;
  assert.equal(simple.model_id, 'openai/gpt-3.5-turbo');
  assert.equal(simple.provider, 'openai');
  assert.deepEqual(simple.fallback_models.slice(0, 2), ['other/claude-3-5-sonnet-20241022', 'openai/gpt-4o']);
  assert.ok(simple.fallback_models.length >= 3);
  assert.ok(simple.estimated_cost > 0 && simple.estimated_latency > 0);
  const technical = (await server.post('/route', { query: 'fix this python loop' })).body;
  assert.equal(technical.model_id, 'other/claude-3-5-sonnet-20241022');
  const research = (await server.post('/route', { query: 'Compare the evidence on nuclear and renewable energy, with sources.' })).body;
  assert.equal(research.model_id, 'openai/gpt-4o');
  const picture = (await server.post('/route', { query: 'what is this', context: { has_images: true } })).body;
  assert.equal(picture.model_id, 'openai/gpt-4o');
});

test('route: bad bodies say what is wrong', async () => {
  for (const [body, status, what] of [['{', 400, /JSON/], ['[]', 422, /object/], [{}, 422, /query/], [{ query: '' }, 422, /query/], [{ query: 7 }, 422, /query/],
    [{ query: 'x', context: { files: 'a.png' } }, 422, /files/], [{ query: 'x', context: { has_images: 'yes' } }, 422, /has_images/]]) {
    const got = await server.post('/route', body);
    assert.equal(got.status, status, JSON.stringify(body));
    assert.match(got.body.detail, what);
    assert.equal(got.body.service, 'ai-orchestra');
  }
});

test('strategies, weights, privacy, providers and a cost limit choose accordingly', async () => {
  const by = async (headers) => (await server.post('/route', { query: 'What is the capital of France?' }, headers)).body;
  assert.equal((await by({ 'x-orchestra-strategy': 'cheapest' })).model_id, 'openai/gpt-4o-mini');
  assert.match((await by({ 'x-orchestra-strategy': 'accuracy' })).model_id, /claude-3-5-sonnet|gpt-4o$/);
  assert.equal((await by({ 'x-orchestra-providers': 'other' })).provider, 'other');
  assert.equal((await by({ 'x-orchestra-providers': '-other', 'x-orchestra-weights': 'quality=1' })).model_id, 'openai/gpt-4o');
  const nobody = await server.post('/route', { query: 'x' }, { 'x-orchestra-privacy': 'local_only' });
  assert.equal(nobody.status, 400);
  assert.match(nobody.body.detail, /privacy 6/);
  const dear = await server.post('/route', { query: 'x' }, { 'x-orchestra-max-cost-usd': '0.0000001', 'x-orchestra-providers': 'openai' });
  assert.equal(dear.body.code, 'budget_exceeded');
  for (const [header, value] of [['x-orchestra-strategy', 'best'], ['x-orchestra-weights', 'quality=-1'], ['x-orchestra-weights', 'quality=0'], ['x-orchestra-weights', 'beauty=1'],
    ['x-orchestra-privacy', 'maybe'], ['x-orchestra-max-cost-usd', 'cheap']]) {
    const refused = await chat('x', { [header]: value });
    assert.equal(refused.status, 400, `${header}: ${value}`);
    assert.ok(refused.body.error.message.length > 20);
  }
});

test('select-model: README 003, and the camel case of the originals', async () => {
  const picked = await server.post('/api/v1/select-model', { task: 'code_generation', requirements: { speed: 'high', quality: 'medium' } });
  assert.equal(picked.status, 200);
  assert.ok(picked.body.selected_model && picked.body.reasoning && picked.body.timestamp && Array.isArray(picked.body.alternatives));
  assert.equal(picked.body.task, 'code_generation');
  const best = (await server.post('/api/v1/select-model', { task: 'reasoning', requirements: { quality: 'high', speed: 'low' } })).body;
  assert.match(best.selected_model, /claude-3-5-sonnet|gpt-4o$/);
  assert.equal((await server.post('/api/v1/select-model', { task: 'embedding' })).body.selected_model, 'openai/text-embedding-3-small');
  for (const path of ['/api/v1/ai/select-model', '/api/ai/select-model', '/flow/select-model']) {
    const camel = (await server.post(path, { taskType: 'code', requirements: { priority: 'critical', complexity: 'complex', maxTokens: 100 } })).body;
    assert.ok(camel.selectedModel && camel.requestId && camel.alternatives.length <= 2);
    assert.equal(camel.fallbackUsed, false);
    assert.ok(camel.systemMetrics.totalMemoryGb > 0 && camel.systemMetrics.memoryPressure > 0 && camel.systemMetrics.memoryPressure < 1);
    assert.ok(camel.modelInfo.capabilities.includes('code') && 'cost_per_1k' in camel.modelInfo);
    const kept = await server.post(path, { taskType: 'code' }, { 'x-orchestra-providers': 'other' });
    assert.ok(kept.body.selectedModel.startsWith('other/'), 'what the header fields demand stays');
  }
  const unknown = await server.post('/api/v1/select-model', { task: 'cooking' });
  assert.equal(unknown.status, 422);
  assert.match(unknown.body.detail, /code_generation/);
  assert.equal((await server.post('/api/v1/select-model', { task: 'code', requirements: { speed: 'warp' } })).status, 422);
  assert.equal((await server.post('/api/v1/select-model', { task: 'code', requirements: { max_tokens: -1 } })).status, 422);
});

test('/api/v1/route answers, names its model, and a decision can be explained', async () => {
  const answer = await server.post('/api/v1/route', { prompt: 'Write a Python function to calculate fibonacci numbers', task: 'code_generation', max_tokens: 500, temperature: 0.1 });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.model_used, 'other/claude-3-5-sonnet-20241022');
  assert.equal(answer.body.response, 'I am claude-3-5-sonnet-20241022.');
  assert.equal(answer.body.metrics.tokens_generated, 4);
  assert.equal(answer.body.metrics.tokens_prompt, 12);
  assert.ok(answer.body.metrics.response_time_ms > 0);
  const id = answer.headers.get('x-request-id');
  const decision = (await until(async () => { const got = await server.get(`/api/v1/decisions/${id}`); return got.status === 200 && got; }, 'the decision')).body;
  assert.equal(decision.features.strategy, 'auto');
  assert.equal(decision.features.query.type, 'technical');
  const chosen = decision.considered.find((one) => one.verdict === 'chosen');
  assert.match(chosen.reason, /chain of the query's class/);
  assert.ok(chosen.contender.quality > 0.5 && chosen.score > 0);
  assert.ok(decision.considered.every((one) => one.reason.endsWith('.')));
  assert.equal((await server.post('/api/v1/route', { prompt: 'x', query: 'x' })).status, 422);
  assert.ok((await server.post('/api/v1/route', { query: 'x' })).body.model_id);
  const camel = (await server.post('/api/v1/ai/route-request', { taskType: 'completion', prompt: 'hello' })).body;
  assert.equal(camel.response, `I am ${camel.selectedModel.split('/')[1]}.`);
  assert.ok(camel.metrics.memoryPressure > 0 && 'costEstimate' in camel.metrics && camel.systemMetrics.usedMemoryGb > 0 && camel.modelInfo.capabilities.length > 0);
  assert.equal((await server.post('/api/v1/route', { prompt: 'x', temperature: 9 })).status, 422);
});

test('a deadline bounds the whole answer', async () => {
  openaiState.slowMs = 4000;
  const started = Date.now();
  const late = await server.post('/api/v1/route', { prompt: 'What is the capital of France?', max_tokens: 4 }, { 'x-orchestra-deadline-ms': '1200', 'x-orchestra-providers': 'openai' });
  openaiState.slowMs = 0;
  assert.equal(late.status, 504);
  assert.ok(Date.now() - started < 3500);
});

test('a model that is not expected to have answered by the deadline is not asked, and the figure is named', async () => {
  const provider = await startProvider(['snail', 'hare']);
  const own = await Server.start({ config: `providers: [{name: here, dialect: openai, base_url: "${provider.url}/v1", key: k}]\n` });
  try {
    await own.hasModel('here/snail');
    for (const [model_id, tokens_per_second] of [['snail', 10], ['hare', 400]]) {
      const told = await own.post('/api/models', { model_id, provider: 'here', capabilities: ['CHAT'], performance: { avg_ttft_ms: 100, tokens_per_second, quality_score: model_id === 'snail' ? 0.99 : 0.4 } });
      assert.equal(told.status, 201, told.text);
    }
    const ask = (milliseconds, more = {}, path = '/v1/chat/completions') => own.post(path, { model: 'auto', messages: [{ role: 'user', content: 'What is the capital of France?' }], ...more }, { 'x-orchestra-strategy': 'accuracy', ...(milliseconds && { 'x-orchestra-deadline-ms': String(milliseconds) }) });
    const model = (answer) => answer.headers.get('x-orchestra-model');
    await until(async () => (await own.get('/models/snail')).body.performance?.tokens_per_second === 10, 'the claims to be known');
    assert.equal(model(await ask(5000)), 'here/hare', '150 tokens take the snail 15 s');
    // The budget of the class is ours: who can keep it goes first.
    const routed = await own.post('/api/v1/route', { prompt: 'What is the capital of France?' }, { 'x-orchestra-strategy': 'accuracy' });
    assert.equal(routed.body.model_used, 'here/hare');
    const camel = (await own.post('/api/v1/ai/route-request', { taskType: 'completion', prompt: 'What is the capital of France?' }, { 'x-orchestra-strategy': 'accuracy' })).body;
    assert.equal(camel.selectedModel, 'here/hare');
    assert.equal(model(await ask(5000, { max_tokens: 20 })), 'here/snail');
    const refused = await ask(120);
    assert.equal(refused.status, 400);
    assert.equal(refused.body.error.code, 'deadline_exceeded');
    assert.match(refused.body.error.message, /\(deadline 2\).*is expected to take \d+\.\d s for the whole answer; the request allows 0\.12 s\./);
  } finally { await own.stop(); await provider.stop(); }
});

test('auto in the OpenAI dialect goes by the chain, and falls to the next member when one is down', async () => {
  assert.equal((await chat('What is the capital of France?')).headers.get('x-orchestra-model'), 'openai/gpt-3.5-turbo');
  openaiState.broken = true;
  assert.equal((await chat('What is the capital of France?')).headers.get('x-orchestra-model'), 'other/claude-3-5-sonnet-20241022');
  openaiState.broken = false;
});

test('a session stays with its model under sticky, also when another would score better', async () => {
  const sticky = { 'x-orchestra-strategy': 'sticky', 'x-session-id': 'conversation 1' };
  const first = (await chat('hello there', sticky)).headers.get('x-orchestra-model');
  for (let i = 0; i < 8; ++i) assert.equal((await chat(`question ${i}`, sticky)).headers.get('x-orchestra-model'), first);
});

test('a conversation is a session by how it began, whichever connection its requests come on', async () => {
  const said = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Tell me of whales.' }];
  const ask = async (messages) => {
    const { headers } = await server.post('/v1/chat/completions', { model: 'auto', messages }, { 'x-orchestra-strategy': 'sticky', connection: 'close' });
    const id = headers.get('x-request-id');
    const decision = (await until(async () => { const got = await server.get(`/api/v1/decisions/${id}`); return got.status === 200 && got; }, 'the decision')).body;
    return { model: headers.get('x-orchestra-model'), stays: decision.considered[0].contender.in_session };
  };
  const first = await ask(said);
  assert.equal(first.stays, false);
  for (let turn = 0; turn < 6; ++turn) {
    said.push({ role: 'assistant', content: 'They sing.' }, { role: 'user', content: `And what else, ${turn}?` });
    assert.deepEqual(await ask(said), { model: first.model, stays: true });
  }
  assert.equal((await ask([{ role: 'user', content: 'Tell me of eels.' }])).stays, false, 'another conversation');
});

test('what is measured of a model changes what is expected of it', async () => {
  const before = (await server.post('/route', { query: 'hi' }, { 'x-orchestra-providers': 'other' })).body;
  for (let i = 0; i < 10; ++i) await server.post('/v1/chat/completions', { model: before.model_id, stream: true, messages: [{ role: 'user', content: 'hi' }] });
  await until(async () => (await server.post('/route', { query: 'hi' }, { 'x-orchestra-providers': 'other' })).body.estimated_latency !== before.estimated_latency, 'another expectation', 10000);
});

test('feedback teaches the quality of a model, and is held against the request that it is about', async () => {
  const answer = await chat('What is the capital of France?', {}, 'openai/gpt-4o-mini');
  const id = answer.headers.get('x-request-id');
  const told = await server.post('/api/performance/feedback', { request_id: id, model_id: 'gpt-4o-mini', success: true, quality_rating: 0.2, feedback: 'too short' });
  assert.equal(told.status, 201);
  assert.equal(told.body.status, 'accepted');
  assert.ok(told.body.feedback_id);
  const measured = await until(async () => (await server.get('/api/performance/models?min_samples=0&model_id=gpt-4o-mini')).body.models.find((one) => one.metrics.overall_quality !== null), 'the feedback to be learned');
  assert.ok(Math.abs(measured.metrics.overall_quality - 0.2) < 0.01);
  assert.ok(measured.sample_count >= 2);
  for (const [body, status, what] of [[{ request_id: id, model_id: 'gpt-4o', success: true }, 422, /answered by openai\/gpt-4o-mini/],
    [{ request_id: id, model_id: 'nobody', success: true }, 404, /nobody/], [{ request_id: 'req_0', model_id: 'gpt-4o', success: true }, 400, /request/],
    [{ request_id: id, model_id: 'gpt-4o-mini' }, 422, /success/], [{ request_id: id, model_id: 'gpt-4o-mini', success: 'yes' }, 422, /success/],
    [{ request_id: id, model_id: 'gpt-4o-mini', success: true, quality_rating: 5 }, 422, /from 0 to 1/]]) {
    const refused = await server.post('/api/performance/feedback', body);
    assert.equal(refused.status, status, JSON.stringify(body));
    assert.match(refused.body.detail, what);
  }
  assert.equal((await server.get('/api/performance/models?min_samples=few')).status, 422);
  assert.deepEqual((await server.get('/api/performance/models?min_samples=1000000')).body.models, []);
});

test('that an answer did not serve is a verdict on its quality, and no failure to answer', async () => {
  const performance = async () => (await server.get('/api/performance/models?min_samples=0&model_id=other%2Funheard-of-model')).body.models[0];
  for (const [success, quality] of [[false, 0.1], [false, 0.1], [true, (0.1 + 0.1 + 0.9) / 3]]) {
    const id = (await chat('Which of them is it?', {}, 'other/unheard-of-model')).headers.get('x-request-id');
    const told = await until(async () => { const sent = await server.post('/api/performance/feedback', { request_id: id, model_id: 'other/unheard-of-model', success }); return sent.status === 201 && sent; }, 'the request to be stored');
    assert.equal(told.body.status, 'accepted');
    const measured = await until(async () => { const got = await performance(); return got?.metrics.overall_quality != null && Math.abs(got.metrics.overall_quality - quality) < 0.02 && got; }, `a quality of ${quality}`);
    assert.equal(measured.metrics.success_rate, 1, 'it was answered');
  }
  assert.ok((await performance()).sample_count > 8.5, 'three answers, and two samples for each verdict');
});

test('README 002: chat, completion and embedding in a wrapper with provider, time and cost', async () => {
  const said = await server.post('/api/models/chat', { model_id: 'gpt-3.5-turbo', messages: [{ role: 'USER', content: 'hi', metadata: { a: 1 } }], max_tokens: 5, user_id: 'u', metadata: {} });
  assert.equal(said.status, 200);
  assert.equal(said.body.model_id, 'openai/gpt-3.5-turbo');
  assert.equal(said.body.provider, 'OPENAI');
  assert.equal(said.body.request_id, said.headers.get('x-request-id'));
  assert.ok(said.body.latency_ms > 0 && said.body.cost > 0);
  assert.equal(said.body.response.choices[0].message.role, 'ASSISTANT');
  assert.deepEqual(said.body.response.choices[0].message.metadata, {});
  assert.equal(said.body.response.usage.total_tokens, 16);
  const sent = openai.seen.at(-1).body;
  assert.equal(sent.messages[0].role, 'user');
  assert.equal(sent.messages[0].metadata, undefined);
  assert.equal(sent.user_id, undefined);
  assert.equal((await server.post('/api/models/chat', { provider: 'OTHER', messages: [{ role: 'user', content: 'hi' }] })).body.provider, 'OTHER');
  assert.equal((await server.post('/api/models/chat', { model_id: 'gpt-4o', provider: 'OPENAI', messages: [{ role: 'user', content: 'hi' }] })).body.model_id, 'openai/gpt-4o');
  assert.ok((await server.post('/api/models/chat', { messages: [{ role: 'user', content: 'hi' }], task_type: 'code_generation' })).body.model_id);
  assert.equal((await server.post('/api/models/completion', { model_id: 'gpt-3.5-turbo', prompt: 'hi' })).status, 200);
  assert.equal((await server.post('/api/models/embedding', { model_id: 'text-embedding-3-small', input: ['a', 'b'] })).status, 200);
  for (const [path, body, status, what] of [['chat', {}, 422, /messages/], ['chat', { messages: [] }, 422, /messages/], ['chat', { messages: [{ role: 'KING', content: 'x' }] }, 422, /role/],
    ['chat', { model_id: 'nobody', messages: [{ role: 'user', content: 'x' }] }, 404, /nobody/], ['completion', {}, 422, /prompt/], ['embedding', { input: 7 }, 422, /input/], ['chat', '{', 400, /JSON/],
    ['chat', { provider: 'NOWHERE', messages: [{ role: 'user', content: 'x' }] }, 400, /provider/]]) {
    const refused = await server.post(`/api/models/${path}`, body);
    assert.equal(refused.status, status, `${path} ${JSON.stringify(body)}`);
    assert.match(refused.body.detail, what);
    assert.ok(refused.body.code);
  }
});

test('README 003: the lists of models and of figures', async () => {
  const { body: list } = await server.get('/api/v1/models');
  assert.equal(list.total, list.models.length);
  assert.ok(list.active > 0 && list.models.every((one) => one.name && one.status && Array.isArray(one.capabilities) && 'size' in one && 'last_used' in one));
  await chat('hello', {}, 'openai/gpt-4o');
  const { body: figures } = await server.get('/api/v1/metrics');
  assert.ok(figures.requests.total >= figures.requests.successful && figures.requests.successful > 10);
  assert.ok(figures.requests.success_rate > 50 && figures.requests.success_rate <= 100);
  assert.ok(figures.performance.avg_response_time_ms > 0 && figures.performance.requests_per_minute > 0);
  assert.ok(figures.models.active >= 2 && figures.models.most_used.includes('/'));
});

test('a model of which nothing is known may serve, and is marked', async () => {
  const only = async () => (await server.post('/route', { query: 'hi' }, { 'x-orchestra-providers': 'other' })).body;
  assert.equal((await only()).fallback_used, false);
  const claude = '/api/models/other%2Fclaude-3-5-sonnet-20241022';
  const put = (body) => fetch(server.url + claude, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal((await put({ status: 'INACTIVE' })).status, 200);
  const left = await until(async () => { const got = await only(); return got.model_id === 'other/unheard-of-model' && got; }, 'the switched-off model to be left out');
  assert.equal(left.fallback_used, true);
  assert.equal((await put({ status: 'ACTIVE' })).status, 200);
});

test('what nobody said of a registered model is tried, and not stated', async () => {
  await server.post('/api/models', { model_id: 'new-chat', provider: 'OTHER', capabilities: ['CHAT'] });
  const known = (await server.get('/models/new-chat')).body.capabilities;
  assert.equal(known.text_generation, true);
  assert.equal(known.multimodal || known.tool_use, false);
  const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }];
  assert.equal((await server.post('/v1/chat/completions', { model: 'other/new-chat', tools, messages: [{ role: 'user', content: 'x' }] })).status, 200);
});

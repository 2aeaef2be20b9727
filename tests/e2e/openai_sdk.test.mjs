// The real `openai` npm client, unmodified, against the server and a strict OpenAI-shaped provider.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { OpenAI, Server, until } from './harness.mjs';
import { startOpenAi } from '../mocks/openai.mjs';

let mock, elsewhere, server, client;
before(async () => {
  elsewhere = await startOpenAi();
  mock = await startOpenAi({ elsewhere: elsewhere.url });
  server = await Server.start({
    env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` },
    config: 'aliases:\n  fast: [openai/overloaded, openai/echo]\n  talk: [openai/echo]\n',
  });
  await server.hasModel('openai/echo');
  client = new OpenAI({ apiKey: 'unused', baseURL: `${server.url}/v1`, maxRetries: 0 });
});
after(async () => { await server?.stop(); await mock?.stop(); await elsewhere?.stop(); });

const say = (content) => [{ role: 'user', content }];

test('answers a whole chat by full name, bare name and alias', async () => {
  for (const model of ['openai/echo', 'echo', 'talk']) {
    const answer = await client.chat.completions.create({ model, messages: say('hello there') });
    assert.equal(answer.choices[0].message.content, 'hello there');
    assert.equal(answer.usage.total_tokens, 14);
  }
});

test('lists and retrieves models and aliases by their names', async () => {
  const ids = (await client.models.list()).data.map((model) => model.id);
  assert.ok(ids.includes('openai/echo') && ids.includes('talk'));
  assert.equal((await client.models.retrieve('openai/echo')).id, 'openai/echo');
  assert.deepEqual((await client.models.retrieve('talk')).chain, ['openai/echo']);
});

test('streams, with usage only when asked for', async () => {
  for (const include_usage of [false, true]) {
    const stream = await client.chat.completions.create({ model: 'openai/echo', messages: say('one two three'), stream: true, ...(include_usage ? { stream_options: { include_usage } } : {}) });
    let text = '';
    let usage = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? '';
      usage ??= chunk.usage ?? null;
    }
    assert.equal(text, 'one two three');
    assert.equal(usage?.total_tokens, include_usage ? 14 : undefined);
  }
});

test('relays tool calls, whole and in a stream', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', description: 'Weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];
  const whole = await client.chat.completions.create({ model: 'openai/tools', messages: say('weather in Paris?'), tools });
  assert.deepEqual(JSON.parse(whole.choices[0].message.tool_calls[0].function.arguments), { city: 'Paris' });
  const runner = client.chat.completions.stream({ model: 'openai/tools', messages: say('weather in Paris?'), tools });
  const final = await runner.finalChatCompletion();
  assert.equal(final.choices[0].finish_reason, 'tool_calls');
  assert.equal(final.choices[0].message.tool_calls[0].function.name, 'weather');
  assert.equal(final.choices[0].message.tool_calls[0].function.arguments, '{"city":"Paris"}');
});

test('relays n, JSON schema and images in content untouched', async () => {
  const many = await client.chat.completions.create({ model: 'echo', messages: say('x'), n: 3 });
  assert.deepEqual(many.choices.map((c) => c.index), [0, 1, 2]);
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
  const typed = await client.chat.completions.create({ model: 'echo', messages: say('x'), response_format: { type: 'json_schema', json_schema: { name: 'city', schema, strict: true } } });
  assert.deepEqual(JSON.parse(typed.choices[0].message.content), { city: 'Paris' });
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
  const seen = await client.chat.completions.create({ model: 'echo', messages: [{ role: 'user', content: [{ type: 'text', text: 'look' }, image] }] });
  assert.equal(seen.choices[0].message.content, 'look [image_url]');
  assert.deepEqual(mock.seen.at(-1).body.messages[0].content[1], image);
});

test('embeds, as floats and as base64', async () => {
  const floats = await client.embeddings.create({ model: 'embedder-embed', input: ['abc', 'de'], encoding_format: 'float' });
  assert.deepEqual(floats.data.map((d) => d.embedding), [[3, 0.5, -1], [2, 0.5, -1]]);
  const decoded = await client.embeddings.create({ model: 'embedder-embed', input: 'abc' });
  assert.deepEqual(Array.from(decoded.data[0].embedding), [3, 0.5, -1]);
});

test('completes text', async () => {
  const answer = await client.completions.create({ model: 'openai/echo', prompt: 'this' });
  assert.equal(answer.choices[0].text, ' after this');
});

test('aborting a stream cancels the upstream within 100 ms', async () => {
  const stream = await client.chat.completions.create({ model: 'openai/slow', messages: say('x'), stream: true });
  let seen = 0;
  let left = 0;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta?.content && ++seen === 3) { left = performance.now(); stream.controller.abort(); break; }
  }
  const entry = mock.seen.at(-1);
  await until(() => entry.aborted !== null, 'the upstream to see the end', 5000);
  assert.ok(entry.aborted - left < 100, `${entry.aborted - left} ms`);
});

test('leaving before the first content cancels the upstream within 100 ms', async () => {
  const controller = new AbortController();
  const before = mock.seen.length;
  const pending = client.chat.completions.create({ model: 'openai/silent', messages: say('x'), stream: true }, { signal: controller.signal }).catch(() => {});
  const entry = await until(() => mock.seen[before], 'the request upstream');
  const left = performance.now();
  controller.abort();
  await pending;
  await until(() => entry.aborted !== null, 'the upstream to see the end', 5000);
  assert.ok(entry.aborted - left < 100, `${entry.aborted - left} ms`);
});

test('a rate limit reaches the caller with its headers', async () => {
  const problem = await client.chat.completions.create({ model: 'openai/limited', messages: say('x') }).catch((e) => e);
  assert.equal(problem.status, 429);
  assert.equal(problem.headers.get('retry-after'), '7');
  assert.equal(problem.headers.get('x-ratelimit-remaining-requests'), '0');
  assert.equal(problem.code, 'rate_limit_exceeded');
});

test('an alias falls back to its next model', async () => {
  const { data, response } = await client.chat.completions.create({ model: 'fast', messages: say('still here') }).withResponse();
  assert.equal(data.choices[0].message.content, 'still here');
  assert.equal(response.headers.get('x-orchestra-model'), 'openai/echo');
  const decision = (await server.get(`/api/v1/decisions/${response.headers.get('x-request-id')}`)).body;
  assert.equal(decision.asked, 'fast');
  assert.ok(decision.attempts.length >= 2, JSON.stringify(decision));
});

test('a single failure of a provider is retried', async () => {
  const answer = await client.chat.completions.create({ model: 'openai/flaky', messages: say('again') });
  assert.equal(answer.choices[0].message.content, 'again');
});

test('a stream that breaks off ends in an error event and without [DONE]', async () => {
  for (const model of ['openai/broken', 'openai/liar']) {
    const response = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model, stream: true, messages: say('a b c d e f') }) });
    const text = await response.text();
    assert.match(text, /"error"/, model);
    assert.doesNotMatch(text, /\[DONE\]/, model);
    assert.doesNotMatch(text, /nonsense/, model);
  }
});

test('the key of a provider is never shown', async () => {
  const wrong = await Server.start({ env: { OPENAI_API_KEY: 'sk-very-secret', OPENAI_BASE_URL: `${mock.url}/v1` }, config: 'providers:\n  - name: openai\n    models: [echo]\n' });
  try {
    const answer = await wrong.post('/v1/chat/completions', { model: 'openai/echo', messages: say('x') });
    assert.equal(answer.status, 502);
    assert.doesNotMatch(answer.text, /very-secret/);
    assert.match(answer.body.error.message, /key/);
    await until(() => /could not be listed/.test(wrong.output), 'the log line');
    assert.doesNotMatch(wrong.output, /very-secret/);
  } finally { await wrong.stop(); }
});

test('a redirect is not followed: no key leaves for another host', async () => {
  for (const stream of [false, true]) {
    const answer = await server.post('/v1/chat/completions', { model: 'openai/moved', messages: say('x'), stream });
    assert.equal(answer.status, 502);
    assert.match(answer.body.error.message, /base URL/);
  }
  assert.equal(elsewhere.seen.length, 0);
});

test('an unknown model is a 404 that suggests the nearest', async () => {
  const problem = await client.chat.completions.create({ model: 'openai/ecko', messages: say('x') }).catch((e) => e);
  assert.equal(problem.status, 404);
  assert.equal(problem.code, 'model_not_found');
  assert.match(problem.message, /openai\/echo/);
});

// Upstreams of other dialects behind the OpenAI endpoint: Anthropic Messages and Ollama chat, tools in a stream included.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { OpenAI, Server } from './harness.mjs';
import { startAnthropic } from '../mocks/anthropic.mjs';
import { startOllama } from '../mocks/ollama.mjs';

let anthropic, ollama, server, client;
before(async () => {
  [anthropic, ollama] = await Promise.all([startAnthropic(), startOllama()]);
  server = await Server.start({ env: { ANTHROPIC_API_KEY: 'sk-ant-mock', ANTHROPIC_BASE_URL: anthropic.url, OLLAMA_URL: ollama.url },
    config: 'aliases:\n  pair: [ollama/llama-mock:1b, anthropic/claude-mock]\n  riap: [anthropic/claude-mock, ollama/llama-mock:1b]\n' });
  await server.hasModel('anthropic/claude-mock');
  await server.hasModel('ollama/llama-mock:1b');
  client = new OpenAI({ apiKey: 'unused', baseURL: `${server.url}/v1`, maxRetries: 0 });
});
after(async () => { await server?.stop(); await anthropic?.stop(); await ollama?.stop(); });

const tools = [{ type: 'function', function: { name: 'weather', description: 'Weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];
const conversation = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'weather?' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }] },
  { role: 'assistant', content: null, tool_calls: [{ id: 'call_9', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }] },
  { role: 'tool', tool_call_id: 'call_9', content: 'sunny' },
  { role: 'user', content: 'and Paris?' },
];

for (const [name, model] of [['Anthropic', 'anthropic/claude-mock'], ['Ollama', 'ollama/llama-mock:1b']]) {
  test(`${name}: whole answer with usage`, async () => {
    const answer = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'one two' }] });
    assert.equal(answer.choices[0].message.content, 'one two');
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.ok(answer.usage.prompt_tokens > 0 && answer.usage.completion_tokens > 0);
    assert.equal(answer.object, 'chat.completion');
  });

  test(`${name}: streamed text`, async () => {
    const stream = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'one two three' }], stream: true, stream_options: { include_usage: true } });
    let text = '';
    let usage;
    for await (const chunk of stream) { text += chunk.choices[0]?.delta?.content ?? ''; usage = chunk.usage ?? usage; }
    assert.equal(text, 'one two three');
    assert.ok(usage.total_tokens > 0);
  });

  test(`${name}: tools in a stream, after a conversation with tools and an image`, async () => {
    const final = await client.chat.completions.stream({ model, messages: conversation, tools }).finalChatCompletion();
    assert.equal(final.choices[0].finish_reason, 'tool_calls');
    const call = final.choices[0].message.tool_calls[0];
    assert.equal(call.function.name, 'weather');
    assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Paris' });
    assert.ok(call.id);
  });

  test(`${name}: several tools at once, whole and in a stream`, async () => {
    const two = [...tools, { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: {} } } }];
    const whole = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'x' }], tools: two });
    const streamed = await client.chat.completions.stream({ model, messages: [{ role: 'user', content: 'x' }], tools: two }).finalChatCompletion();
    for (const answer of [whole, streamed]) {
      const calls = answer.choices[0].message.tool_calls;
      assert.deepEqual(calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]), [['weather', { city: 'Paris' }], ['time', { city: 'Paris' }]]);
      assert.equal(new Set(calls.map((call) => call.id)).size, 2);
    }
  });

  test(`${name}: a dropped field is named, and strict refuses it`, async () => {
    const body = { model, messages: [{ role: 'user', content: 'x' }], logit_bias: { 50256: -100 } };
    const loose = await server.post('/v1/chat/completions', body);
    assert.equal(loose.status, 200);
    assert.match(loose.headers.get('x-orchestra-dropped'), /logit_bias/);
    const strict = await server.post('/v1/chat/completions', body, { 'x-orchestra-strict': 'true' });
    assert.equal(strict.status, 400);
    assert.match(strict.body.error.message, /logit_bias/);
  });
}

test('names of dropped fields fit into a header, however many and whatever they are', async () => {
  const body = { model: 'anthropic/claude-mock', messages: [{ role: 'user', content: 'x' }], 'a\r\nset-cookie: b': 1, 'ü, ö': 2, ['k'.repeat(100000)]: 3 };
  for (let i = 0; i < 3000; ++i) body[`field_${i}`] = i;
  const answer = await server.post('/v1/chat/completions', body);
  assert.equal(answer.status, 200);
  const dropped = answer.headers.get('x-orchestra-dropped');
  assert.ok(dropped.length < 1200, dropped);
  assert.match(dropped, /^[\x20-\x7e]+$/);
  assert.match(dropped, /, and \d+ more$/);
  assert.equal(answer.headers.get('set-cookie'), null);
});

test('what one dialect cannot say is asked of the next model of a chain', async () => {
  const image = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://e.x/a.png' } }] }];
  const seen = await server.post('/v1/chat/completions', { model: 'pair', messages: image });
  assert.equal(seen.status, 200, seen.text);
  assert.equal(seen.headers.get('x-orchestra-model'), 'anthropic/claude-mock');
  const strict = await server.post('/v1/chat/completions', { model: 'riap', messages: [{ role: 'user', content: 'x' }], seed: 1 }, { 'x-orchestra-strict': 'true' });
  assert.equal(strict.headers.get('x-orchestra-model'), 'ollama/llama-mock:1b', strict.text);
  const alone = await server.post('/v1/chat/completions', { model: 'ollama/llama-mock:1b', messages: image });
  assert.equal(alone.status, 400);
  assert.equal(alone.body.error.code, 'unsupported_content');
});

for (const [model, header] of [['anthropic/claude-limited', 'anthropic-ratelimit-requests-remaining'], ['ollama/limited-mock:1b', 'retry-after']]) {
  test(`a rate limit of ${model} reaches the caller with its headers`, async () => {
    const problem = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'x' }] }).catch((e) => e);
    assert.equal(problem.status, 429);
    assert.equal(problem.type, 'rate_limit_error');
    assert.equal(problem.headers.get('retry-after'), '9');
    assert.ok(problem.headers.get(header));
  });
}

test('Anthropic: cached tokens are counted', async () => {
  const answer = await client.chat.completions.create({ model: 'anthropic/claude-mock', messages: [{ role: 'user', content: 'x' }] });
  assert.equal(answer.usage.prompt_tokens, 20);
  assert.equal(answer.usage.prompt_tokens_details.cached_tokens, 6);
});

test('a cut or failing stream of another dialect is an error event without [DONE]', async () => {
  for (const model of ['anthropic/claude-cut', 'anthropic/claude-error', 'ollama/cut-mock:1b']) {
    const response = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'a b c' }] }) });
    const text = await response.text();
    assert.match(text, /"error"/, model);
    assert.doesNotMatch(text, /\[DONE\]/, model);
  }
});

test('Ollama: embeddings', async () => {
  const answer = await client.embeddings.create({ model: 'ollama/embed-mock:latest', input: ['abc', 'd'], encoding_format: 'float' });
  assert.deepEqual(answer.data.map((d) => d.embedding), [[3, 1, 0], [1, 1, 0]]);
});

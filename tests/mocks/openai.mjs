// A strict OpenAI-shaped provider: refuses unknown fields, wrong types and a wrong key. The model's name chooses what it
// does: `echo` answers, `tools` calls a tool, `limited` is rate limited, `broken` cuts its stream, `slow` never ends, ...
import { startMock, json, require, onlyFields, sse, pause } from './http_server.mjs';

const CHAT_FIELDS = ['model', 'messages', 'stream', 'stream_options', 'temperature', 'top_p', 'max_tokens', 'max_completion_tokens', 'n',
  'tools', 'tool_choice', 'parallel_tool_calls', 'response_format', 'stop', 'seed', 'user', 'metadata', 'logprobs', 'top_logprobs',
  'frequency_penalty', 'presence_penalty', 'reasoning_effort', 'store', 'service_tier', 'logit_bias'];
const MODELS = ['echo', 'tools', 'limited', 'broken', 'slow', 'silent', 'liar', 'flaky', 'embedder-embed', 'overloaded', 'refuser', 'moved'];

function checkChat(body) {
  onlyFields(body, CHAT_FIELDS, 'the body');
  require(typeof body.model === 'string' && MODELS.includes(body.model), `model '${body.model}' is not offered`);
  require(Array.isArray(body.messages) && body.messages.length > 0, 'messages must be a non-empty array');
  for (const message of body.messages) {
    require(['system', 'developer', 'user', 'assistant', 'tool'].includes(message.role), `role '${message.role}' is unknown`);
    if (message.role === 'tool') require(typeof message.tool_call_id === 'string', 'a tool message needs tool_call_id');
  }
  for (const tool of body.tools ?? []) require(tool.type === 'function' && tool.function?.name, 'a tool needs a function with a name');
  if (body.stream_options) { require(body.stream === true, 'stream_options needs stream'); onlyFields(body.stream_options, ['include_usage', 'include_obfuscation'], 'stream_options'); }
}

const lastText = (messages) => {
  const content = messages.at(-1).content;
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? `[${part.type}]`).join(' ');
};
const usage = (prompt, completion) => ({ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, prompt_tokens_details: { cached_tokens: 2 } });
const base = (body, object) => ({ id: 'chatcmpl-mock', object, created: 1700000000, model: body.model });
const chunk = (body, delta, finish_reason = null, extra = {}) => ({ ...base(body, 'chat.completion.chunk'), choices: [{ index: 0, delta, finish_reason }], ...extra });
const toolCall = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } };

async function streamChat(body, response, entry) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-ratelimit-remaining-requests': '41' });
  const wantsUsage = body.stream_options?.include_usage === true;
  const extra = wantsUsage ? { usage: null } : {};
  sse(response, chunk(body, { role: 'assistant', content: '' }, null, extra));
  if (body.model === 'silent') return;
  if (body.model === 'tools') {
    sse(response, chunk(body, { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }] }, null, extra));
    for (const piece of ['{"ci', 'ty":"Pa', 'ris"}']) sse(response, chunk(body, { tool_calls: [{ index: 0, function: { arguments: piece } }] }, null, extra));
    sse(response, chunk(body, {}, 'tool_calls', extra));
  } else {
    const words = body.model === 'slow' ? Array.from({ length: 100000 }, (_, i) => `w${i} `) : lastText(body.messages).match(/\S+\s*/g) ?? [];
    for (const [i, word] of words.entries()) {
      if (response.destroyed) return;
      if (body.model === 'broken' && i === 2) { response.destroy(); return; }
      if (body.model === 'liar' && i === 2) { response.write('data: {"choices": [nonsense\n\n'); response.end(); return; }
      sse(response, chunk(body, { content: word }, null, extra));
      if (body.model === 'slow') await pause(10);
    }
    sse(response, chunk(body, {}, 'stop', extra));
  }
  if (wantsUsage) sse(response, { ...base(body, 'chat.completion.chunk'), choices: [], usage: usage(9, 5) });
  sse(response, '[DONE]');
  response.end();
}

async function wholeChat(body, response) {
  if (body.model === 'slow' || body.model === 'silent') return;
  const message = body.model === 'tools' ? { role: 'assistant', content: null, tool_calls: [toolCall] }
    : { role: 'assistant', content: body.response_format?.type === 'json_schema' ? '{"city":"Paris"}' : lastText(body.messages) };
  const choices = Array.from({ length: body.n ?? 1 }, (_, index) => ({ index, message, finish_reason: body.model === 'tools' ? 'tool_calls' : 'stop' }));
  json(response, 200, { ...base(body, 'chat.completion'), choices, usage: usage(9, 5) }, { 'x-ratelimit-remaining-requests': '41' });
}

function embeddings(body, response) {
  onlyFields(body, ['model', 'input', 'dimensions', 'encoding_format', 'user'], 'the body');
  const inputs = [].concat(body.input);
  const vector = (text) => [text.length, 0.5, -1];
  const encode = (v) => body.encoding_format === 'base64' ? Buffer.from(Float32Array.from(v).buffer).toString('base64') : v;
  json(response, 200, { object: 'list', model: body.model, data: inputs.map((text, index) => ({ object: 'embedding', index, embedding: encode(vector(text)) })), usage: { prompt_tokens: 4, total_tokens: 4 } });
}

// `elsewhere` is where the model `moved` redirects to.
export function startOpenAi({ key = 'sk-mock', elsewhere = '' } = {}) {
  let flaky = 0;
  return startMock(async (entry, response) => {
    if (entry.headers.authorization !== `Bearer ${key}`) {
      return json(response, 401, { error: { message: `Incorrect API key provided: ${entry.headers.authorization}`, type: 'invalid_request_error', param: null, code: 'invalid_api_key' } });
    }
    if (entry.method === 'GET' && entry.url === '/v1/models') return json(response, 200, { object: 'list', data: MODELS.map((id) => ({ id, object: 'model', created: 1700000000, owned_by: 'mock' })) });
    require(entry.headers['content-type'] === 'application/json', 'content-type must be application/json');
    if (entry.url === '/v1/embeddings') return embeddings(entry.body, response);
    if (entry.url === '/v1/completions') return json(response, 200, { id: 'cmpl-mock', object: 'text_completion', created: 1700000000, model: entry.body.model, choices: [{ index: 0, text: ` after ${entry.body.prompt}`, finish_reason: 'stop', logprobs: null }], usage: usage(3, 2) });
    require(entry.url === '/v1/chat/completions', `no such path ${entry.url}`);
    checkChat(entry.body);
    if (entry.body.model === 'limited') return json(response, 429, { error: { message: 'Rate limit reached for requests', type: 'requests', param: null, code: 'rate_limit_exceeded' } }, { 'retry-after': '7', 'x-ratelimit-remaining-requests': '0' });
    if (entry.body.model === 'overloaded') return json(response, 503, { error: { message: 'The engine is overloaded', type: 'server_error', param: null, code: null } });
    if (entry.body.model === 'moved') { response.writeHead(307, { location: `${elsewhere}/v1/chat/completions` }); response.end(); return; }
    if (entry.body.model === 'refuser') return json(response, 400, { error: { message: 'The prompt is too long', type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' } });
    if (entry.body.model === 'flaky' && flaky++ % 2 === 0) return json(response, 500, { error: { message: 'The server had an error', type: 'server_error', param: null, code: null } });
    return entry.body.stream ? streamChat(entry.body, response, entry) : wholeChat(entry.body, response);
  });
}

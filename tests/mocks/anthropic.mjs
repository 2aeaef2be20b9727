// A strict Anthropic Messages provider: checks the headers, the body's fields, and that roles alternate.
import { startMock, json, require, onlyFields, sse } from './http_server.mjs';

const FIELDS = ['model', 'messages', 'max_tokens', 'system', 'stream', 'tools', 'tool_choice', 'temperature', 'top_p', 'top_k', 'stop_sequences', 'metadata', 'thinking', 'service_tier', 'output_config', 'output_format'];

function checkMessages(body) {
  onlyFields(body, FIELDS, 'the body');
  require(Number.isInteger(body.max_tokens) && body.max_tokens > 0, 'max_tokens is required');
  require(Array.isArray(body.messages) && body.messages.length > 0, 'messages must be a non-empty array');
  require(body.messages[0].role === 'user', 'the first message must be from the user');
  body.messages.forEach((message, i) => {
    require(['user', 'assistant'].includes(message.role), `role '${message.role}' is unknown`);
    if (i > 0) require(message.role !== body.messages[i - 1].role, 'roles must alternate');
    for (const block of Array.isArray(message.content) ? message.content : []) {
      require(['text', 'image', 'tool_use', 'tool_result', 'thinking', 'redacted_thinking', 'document'].includes(block.type), `block '${block.type}' is unknown`);
      if (block.type === 'tool_use') require(typeof block.input === 'object' && block.id && block.name, 'tool_use needs id, name and an object input');
      if (block.type === 'tool_result') require(message.role === 'user' && block.tool_use_id, 'tool_result needs tool_use_id in a user message');
    }
  });
  for (const tool of body.tools ?? []) require(tool.name && tool.input_schema?.type === 'object', 'a tool needs name and input_schema');
}

const usage = { input_tokens: 11, cache_creation_input_tokens: 3, cache_read_input_tokens: 6, output_tokens: 1 };

function textOf(body) {
  const last = body.messages.at(-1).content;
  const blocks = typeof last === 'string' ? [{ type: 'text', text: last }] : last;
  return blocks.map((b) => b.type === 'text' ? b.text : b.type === 'tool_result' ? `tool said ${typeof b.content === 'string' ? b.content : b.content.map((c) => c.text).join('')}` : `[${b.type}]`).join(' ');
}

function stream(body, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'anthropic-ratelimit-requests-remaining': '49' });
  sse(response, { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: body.model, content: [], stop_reason: null, stop_sequence: null, usage } }, 'message_start');
  sse(response, { type: 'ping' }, 'ping');
  sse(response, { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, 'content_block_start');
  for (const word of textOf(body).match(/\S+\s*/g) ?? []) sse(response, { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: word } }, 'content_block_delta');
  sse(response, { type: 'content_block_stop', index: 0 }, 'content_block_stop');
  if (body.model === 'claude-cut') { response.destroy(); return; }
  if (body.model === 'claude-error') { sse(response, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'error'); response.end(); return; }
  const calls = Boolean(body.tools);
  if (calls) {
    for (const [i, tool] of body.tools.entries()) {
      const index = i + 1;
      sse(response, { type: 'content_block_start', index, content_block: { type: 'tool_use', id: `toolu_${index}`, name: tool.name, input: {} } }, 'content_block_start');
      for (const piece of ['', '{"city"', ': "Paris"}']) sse(response, { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: piece } }, 'content_block_delta');
      sse(response, { type: 'content_block_stop', index }, 'content_block_stop');
    }
  }
  sse(response, { type: 'message_delta', delta: { stop_reason: calls ? 'tool_use' : 'end_turn', stop_sequence: null }, usage: { output_tokens: 15 } }, 'message_delta');
  sse(response, { type: 'message_stop' }, 'message_stop');
  response.end();
}

export function startAnthropic({ key = 'sk-ant-mock' } = {}) {
  return startMock(async (entry, response) => {
    const problem = (status, type, message) => json(response, status, { type: 'error', error: { type, message }, request_id: 'req_mock' });
    if (entry.headers['x-api-key'] !== key) return problem(401, 'authentication_error', 'invalid x-api-key');
    if (!entry.headers['anthropic-version']) return problem(400, 'invalid_request_error', 'anthropic-version is required');
    if (entry.method === 'GET' && entry.url.startsWith('/v1/models')) return json(response, 200, { data: ['claude-mock', 'claude-cut', 'claude-error', 'claude-limited'].map((id) => ({ type: 'model', id, display_name: `Mock ${id}`, created_at: '2026-01-01T00:00:00Z' })), has_more: false });
    require(entry.url === '/v1/messages', `no such path ${entry.url}`);
    try { checkMessages(entry.body); } catch (refusal) { return problem(400, 'invalid_request_error', refusal.message); }
    if (entry.body.model === 'claude-limited') return json(response, 429, { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } }, { 'retry-after': '9', 'anthropic-ratelimit-requests-remaining': '0' });
    if (entry.body.stream) return stream(entry.body, response);
    const content = [{ type: 'text', text: textOf(entry.body) }];
    for (const [i, tool] of (entry.body.tools ?? []).entries()) content.push({ type: 'tool_use', id: `toolu_${i + 1}`, name: tool.name, input: { city: 'Paris' } });
    return json(response, 200, { id: 'msg_1', type: 'message', role: 'assistant', model: entry.body.model, content, stop_reason: entry.body.tools ? 'tool_use' : 'end_turn', stop_sequence: null, usage: { ...usage, output_tokens: 15 } });
  });
}

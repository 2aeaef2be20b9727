// A strict Ollama: /api/tags, /api/chat and /api/embed, streams as lines of JSON.
import { startMock, json, require, onlyFields } from './http_server.mjs';

const FIELDS = ['model', 'messages', 'stream', 'tools', 'options', 'format', 'keep_alive', 'think'];
const OPTIONS = ['temperature', 'top_p', 'top_k', 'min_p', 'num_predict', 'num_ctx', 'seed', 'stop', 'repeat_penalty', 'presence_penalty', 'frequency_penalty'];
const finish = { done: true, done_reason: 'stop', total_duration: 5, load_duration: 1, prompt_eval_count: 12, prompt_eval_duration: 1, eval_count: 6, eval_duration: 1 };

function checkChat(body) {
  onlyFields(body, FIELDS, 'the body');
  onlyFields(body.options ?? {}, OPTIONS, 'options');
  require(Array.isArray(body.messages), 'messages must be an array');
  for (const message of body.messages) {
    onlyFields(message, ['role', 'content', 'images', 'tool_calls', 'tool_name', 'tool_call_id', 'thinking'], 'a message');
    require(typeof message.content === 'string', 'content must be a string');
    for (const image of message.images ?? []) require(/^[A-Za-z0-9+/=]+$/.test(image), 'images are bare base64');
    for (const call of message.tool_calls ?? []) require(typeof call.function.arguments === 'object', 'tool arguments are an object');
  }
}

export function startOllama() {
  return startMock(async (entry, response) => {
    const refuse = (message) => json(response, 400, { error: message });
    if (entry.url === '/api/tags') return json(response, 200, { models: ['llama-mock:1b', 'embed-mock:latest', 'cut-mock:1b', 'limited-mock:1b'].map((name) => ({ name, model: name, size: 1000, details: { family: 'llama', parameter_size: '1B', quantization_level: 'Q4_0' } })) });
    const body = entry.body;
    if (entry.url === '/api/embed') return json(response, 200, { model: body.model, embeddings: [].concat(body.input).map((text) => [text.length, 1, 0]), prompt_eval_count: 3 });
    require(entry.url === '/api/chat', `no such path ${entry.url}`);
    try { checkChat(body); } catch (problem) { return refuse(problem.message); }
    if (body.model === 'limited-mock:1b') return json(response, 429, { error: 'too many requests' }, { 'retry-after': '9' });
    const stamp = { model: body.model, created_at: '2026-01-01T00:00:00Z' };
    const message = body.tools ? { role: 'assistant', content: '', tool_calls: body.tools.map((tool) => ({ function: { name: tool.function.name, arguments: { city: 'Paris' } } })) } : { role: 'assistant', content: body.messages.at(-1).content };
    if (body.stream === false) return json(response, 200, { ...stamp, message, ...finish });
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const line = (value) => response.write(JSON.stringify({ ...stamp, ...value }) + '\n');
    for (const word of message.content.match(/\S+\s*/g) ?? []) line({ message: { role: 'assistant', content: word }, done: false });
    if (body.model === 'cut-mock:1b') { response.destroy(); return; }
    if (body.tools) line({ message, done: false });
    line({ message: { role: 'assistant', content: '' }, ...finish });
    response.end();
  });
}

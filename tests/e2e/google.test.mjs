// Google's Gemini through its OpenAI-shaped endpoint: a key is enough, and its list's names lose what stands before them.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Server, until } from './harness.mjs';
import { startMock, json } from '../mocks/http_server.mjs';

test('a Gemini key brings its models, by their own names and with their prices', async () => {
  const google = await startMock((entry, response) => {
    if (entry.url.endsWith('/models')) return json(response, 200, { object: 'list', data: [{ id: 'models/gemini-2.5-flash', object: 'model', owned_by: 'google' }] });
    json(response, 200, { id: 'x', object: 'chat.completion', created: 1, model: entry.body.model, usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello.' } }] });
  });
  const server = await Server.start({ env: { GEMINI_API_KEY: 'secret', GOOGLE_BASE_URL: `${google.url}/v1beta/openai` } });
  try {
    await server.hasModel('google/gemini-2.5-flash');
    const got = await server.post('/v1/chat/completions', { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hi' }] });
    assert.equal(got.status, 200, got.text);
    assert.equal(got.headers.get('x-orchestra-model'), 'google/gemini-2.5-flash');
    const asked = google.seen.find((one) => one.url === '/v1beta/openai/chat/completions');
    assert.deepEqual([asked.body.model, asked.headers.authorization], ['gemini-2.5-flash', 'Bearer secret']);
    const id = got.headers.get('x-request-id');
    const record = await until(async () => { const one = await server.get(`/api/v1/decisions/${id}`); return one.status === 200 && one.body; }, 'the booking');
    assert.ok(Math.abs(record.cost_usd - (1000 * 0.30 + 100 * 2.50) / 1e6) < 1e-9);
  } finally { await server.stop(); await google.stop(); }
});

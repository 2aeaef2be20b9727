// A mock provider's ground: an HTTP server on a free loopback port that keeps every request it saw and what became of
// its connection.
import { createServer } from 'node:http';
import { once } from 'node:events';

export async function startMock(handle) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const entry = { method: request.method, url: request.url, headers: request.headers, text, aborted: null, at: performance.now() };
    response.on('close', () => { if (!response.writableFinished) entry.aborted = performance.now(); });
    seen.push(entry);
    try {
      entry.body = text ? JSON.parse(text) : undefined;
      await handle(entry, response);
    } catch (problem) {
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: `mock: ${problem.message}`, type: 'invalid_request_error', param: null, code: 'mock_refused' } }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    seen,
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() { server.closeAllConnections(); server.close(); },
  };
}

export function json(response, status, value, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

export function require(condition, message) {
  if (!condition) throw new Error(message);
}

// Only these fields may stand in `object`: a strict server refuses what its API does not know.
export function onlyFields(object, allowed, where) {
  for (const key of Object.keys(object)) require(allowed.includes(key), `${where} has the unknown field '${key}'`);
}

export const sse = (response, data, event) => response.write(`${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

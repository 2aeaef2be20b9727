// Upstreams that lie about their framing, their type or their end: the caller gets an error with a sentence, never a
// silent short answer, and the server goes on.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { Server } from './harness.mjs';

const WHOLE = JSON.stringify({ id: 'x', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }] });
const event = (delta, finish_reason = null) => `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const WORDS = event({ role: 'assistant', content: '' }) + event({ content: 'hel' }) + event({ content: 'lo' });
const STOP = event({}, 'stop');
const DONE = 'data: [DONE]\n\n';
const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
const json = (fields, body) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${fields}\r\n\r\n${body}`;
const sized = (body, size = body.length) => json(`Content-Length: ${size}`, body);
const sse = (fields, body) => `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${fields}\r\n\r\n${body}`;
const chunked = (...pieces) => sse('Transfer-Encoding: chunked', pieces.map(chunk).join(''));
const END = '0\r\n\r\n';

// Answers to a whole request that are no answer.
const NO_ANSWER = {
  'length too short': sized(WHOLE, WHOLE.length - 20),
  'length too long': sized(WHOLE, WHOLE.length + 20),
  'two lengths': json(`Content-Length: ${WHOLE.length}\r\nContent-Length: 3`, WHOLE),
  'length and chunks': json('Content-Length: 3\r\nTransfer-Encoding: chunked', chunk(WHOLE) + END),
  'a bad chunk': json('Transfer-Encoding: chunked', `zz\r\n${WHOLE}`),
  'a login page': 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>log in</html>\n',
  'nothing in it': sized(''),
  'an empty object': sized('{}'),
  'an array': sized('[]'),
  'an error in a 200': sized('{"error":{"message":"an inner error"}}'),
  'a redirect': 'HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n',
  'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
  'a switch of protocols': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
  'no byte': '',
  'a stream nobody asked for': chunked(WORDS, STOP, DONE) + END,
};
// Streams that must end in an error, as a status or as an event.
const NO_STREAM = {
  'cut between events': chunked(WORDS),
  'cut in an event': chunked(WORDS, 'data: {"id":"x","cho') + END,
  'no finish reason': chunked(WORDS) + END,
  'a bad chunk': `${chunked(WORDS)}zz\r\n`,
  'an error event': chunked(WORDS, 'data: {"error":{"message":"overloaded"}}\n\n', DONE) + END,
  'closed too early': sse('Connection: close', WORDS),
  'no event at all': chunked() + END,
  'no stream': sized(WHOLE),
  'the wrong type': `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(WORDS + STOP + DONE)}${END}`,
};
// Streams with a lie behind their end, or without the end mark: the answer is whole.
const STREAM = {
  'as it should be': chunked(WORDS, STOP, DONE) + END,
  'no end mark': chunked(WORDS, STOP) + END,
  'half an end mark': sse(`Content-Length: ${(WORDS + STOP + DONE).length - 10}`, WORDS + STOP + DONE),
  'more behind the end': chunked(WORDS, STOP, DONE, WORDS) + END,
  'length too long': sse(`Content-Length: ${(WORDS + STOP + DONE).length + 10}`, WORDS + STOP + DONE),
};
// What is sent first, and then again and again.
const ENDLESS = {
  'fields': [`HTTP/1.1 200 OK\r\n`, 'X-A: bbbbbbbb\r\n'.repeat(100)],
  'one field': ['HTTP/1.1 200 OK\r\nX-A: ', 'b'.repeat(4096)],
  'interim answers': ['', 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'.repeat(100)],
  'one event': [chunked(WORDS), chunk('b'.repeat(65536))],
  'comments': [chunked(), chunk(': wait\n\n'.repeat(8192))],
  'error body': ['HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n', 'e'.repeat(65536)],
};

let upstream, server;
let lie = { bytes: '' };
before(async () => {
  upstream = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => {
      socket.write(lie.bytes);
      if (!lie.again) return socket.end();
      const more = () => { while (!socket.destroyed && socket.write(lie.again)); };
      socket.on('drain', more);
      more();
    });
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  server = await Server.start({ config: `routing:
  max_attempts: 1
  breaker: {failures: 1000}
providers:
  - {name: liar, dialect: openai, base_url: "http://127.0.0.1:${upstream.address().port}/v1", models: [m], list: false}
` });
  await server.hasModel('liar/m');
});
after(async () => { await server?.stop(); upstream?.close(); });

const ask = (stream) => server.post('/v1/chat/completions', { model: 'liar/m', stream, messages: [{ role: 'user', content: 'x' }] });
const saysWhy = (text) => assert.match(text, /"error":\{"message":"[^"]{10,}/);

for (const [name, bytes] of Object.entries(NO_ANSWER)) {
  test(`whole: ${name}`, async () => {
    lie = { bytes };
    const answer = await ask(false);
    assert.equal(answer.status, 502);
    saysWhy(answer.text);
  });
}
for (const [name, bytes] of Object.entries(NO_STREAM)) {
  test(`stream: ${name}`, async () => {
    lie = { bytes };
    const answer = await ask(true);
    assert.ok([200, 502].includes(answer.status));
    saysWhy(answer.text);
    assert.doesNotMatch(answer.text, /\[DONE\]/);
  });
}
for (const [name, bytes] of Object.entries(STREAM)) {
  test(`stream is whole: ${name}`, async () => {
    lie = { bytes };
    const answer = await ask(true);
    assert.equal(answer.status, 200);
    assert.equal(answer.text, WORDS + STOP + DONE);
  });
}
for (const [name, [bytes, again]] of Object.entries(ENDLESS)) {
  test(`endless: ${name}`, async () => {
    lie = { bytes, again };
    saysWhy((await ask(true)).text);
  });
}

test('the server is well after all that', async () => {
  assert.equal((await server.get('/health')).status, 200);
});

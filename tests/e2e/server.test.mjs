// The server around the models: banner, health, documentation, keys, reloads, draining, bad input.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ROOT, until } from './harness.mjs';
import { startOpenAi } from '../mocks/openai.mjs';

let mock, server;
before(async () => {
  mock = await startOpenAi();
  server = await Server.start({ env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` } });
  await server.hasModel('openai/echo');
});
after(async () => { await server?.stop(); await mock?.stop(); });

const chat = (content = 'x', more = {}) => ({ model: 'openai/echo', messages: [{ role: 'user', content }], ...more });

test('/ answers GET, HEAD and POST', async () => {
  for (const method of ['GET', 'HEAD', 'POST']) {
    const response = await fetch(`${server.url}/`, { method });
    assert.equal(response.status, 200, method);
    if (method !== 'HEAD') assert.equal((await response.json()).name, 'AI Orchestra');
  }
});

test('health, metrics and docs', async () => {
  const health = (await server.get('/api/v1/health')).body;
  assert.equal(health.status, 'healthy');
  assert.equal(health.services.openai, 'available');
  await server.post('/v1/chat/completions', chat());
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /orchestra_requests_total\{[^}]*openai\/echo[^}]*\} \d+/);
  assert.match(metrics, /sarvanom_model_usage_total\{model_id="openai\/echo",provider="openai",query_type="unclassified"\} \d+/);
  assert.match(await (await fetch(`${server.url}/docs`)).text(), /<title>AI Orchestra API/);
});

test('every operation of the OpenAPI file is served, with the parameters filled in', async () => {
  const api = (await server.get('/openapi.json')).body;
  assert.equal(api.openapi, '3.1.0');
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const method of Object.keys(methods)) {
      const url = server.url + path.replace(/\{[^}]+\}/g, 'nothing');
      const response = await fetch(url, { method: method.toUpperCase() });
      const text = await response.text();
      assert.ok(response.status !== 405 && !text.includes('path_not_found'), `${method} ${path}: ${response.status}`);
      const known = Object.keys(methods[method].responses);
      assert.ok(known.includes(String(response.status)) || known.includes('default'), `${method} ${path} answered ${response.status}, which the file does not name`);
    }
  }
});

test('unknown paths and methods say what there is', async () => {
  const missing = await server.get('/api/nothing');
  assert.equal(missing.status, 404);
  assert.match(missing.body.detail, /\/docs/);
  const wrong = await fetch(`${server.url}/v1/models`, { method: 'DELETE' });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('allow'), 'GET');
});

test('bad requests are 400 with the field and the OpenAI shape', async () => {
  const cases = [
    ['{', /JSON/], ['[]', /object/], ['{"model":"x"}', /messages/], ['{"model":5,"messages":[{"role":"user","content":"x"}]}', /model/],
    ['{"model":"openai/echo","messages":[]}', /messages/], ['{"model":"openai/echo","messages":[{"role":"user","content":"x"}],"stream":"yes"}', /stream/],
    [`{"model":"openai/echo","messages":${'['.repeat(100000)}}`, /messages/],
    [`{"model":"openai/echo","messages":[{"role":"user","content":"x"}],"metadata":${'['.repeat(100000)}}`, /deep|depth|nest/i],
    ['{"model":"openai/echo","messages":[{"role":"user","content":"\\ud800"}]}', /./],
  ];
  for (const [body, pattern] of cases) {
    const answer = await server.post('/v1/chat/completions', body);
    assert.ok([200, 400, 422].includes(answer.status), `${body.slice(0, 80)} -> ${answer.status}`);
    if (answer.status !== 200) assert.match(answer.body.error.message, pattern);
    assert.ok(answer.headers.get('x-request-id'));
  }
  for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/vnd.x+json']) {
    assert.equal((await server.post('/v1/chat/completions', chat(), { 'content-type': type })).status, 200, type);
  }
  for (const type of ['text/plain', 'application/jsonx', 'text/plain; a=+json']) {
    assert.equal((await server.post('/v1/chat/completions', chat(), { 'content-type': type })).status, 415, type);
  }
  const form = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
  assert.equal(form.status, 415);
});

test('the naughty strings as prompt, key, model and path: no 5xx', async (t) => {
  let strings;
  try { strings = JSON.parse(readFileSync(join(ROOT, '../shared/conformance/blns.json'), 'utf8')); } catch { return t.skip('SKIPPED: ../shared/conformance is absent'); }
  for (const text of strings) {
    const prompt = await server.post('/v1/chat/completions', chat(text));
    assert.equal(prompt.status, text === '' ? prompt.status : 200, `prompt ${JSON.stringify(text)}: ${prompt.text}`);
    if (text.trim() && prompt.status === 200) assert.equal(prompt.body.choices[0].message.content, text);
    for (const body of [chat('x', { model: text }), chat('x', { [text || 'k']: 1 })]) {
      const answer = await server.post('/v1/chat/completions', body);
      assert.ok(answer.status < 500, `${JSON.stringify(body)} -> ${answer.status}`);
    }
    const path = await fetch(`${server.url}/v1/models/${encodeURIComponent(text)}`).catch(() => ({ status: 0 }));
    assert.ok(path.status < 500, `path ${JSON.stringify(text)} -> ${path.status}`);
  }
});

test('keys: needed where they are set, refused kindly', async () => {
  const guarded = await Server.start({ env: { ORCHESTRA_API_KEY: 'let-me-in' } });
  try {
    assert.equal((await guarded.get('/health')).status, 200);
    const refused = await guarded.get('/v1/models');
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
    for (const headers of [{ authorization: 'Bearer let-me-in' }, { 'x-api-key': 'let-me-in' }]) {
      assert.equal((await fetch(`${guarded.url}/v1/models`, { headers })).status, 200);
    }
    assert.equal((await fetch(`${guarded.url}/v1/models`, { headers: { authorization: 'Bearer let-me-in ' + 'x' } })).status, 401);
    // A stranger's upload is not even read: the refusal comes before the body.
    const early = await new Promise((done) => {
      const socket = connect(guarded.port, '127.0.0.1', () => socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n'));
      let text = '';
      socket.on('data', (bytes) => { text += bytes; }).on('end', () => { socket.end(); done(text); });
    });
    assert.match(early, /^HTTP\/1.1 401 [\s\S]*connection: close/);
  } finally { await guarded.stop(); }
});

test('binding another address without a key is refused with exit 2 and a sentence', async () => {
  await assert.rejects(Server.start({ args: ['--host', '0.0.0.0'] }), (problem) => /key/i.test(problem.message) && /ended with 2/.test(problem.message));
});

// A network of its own, with the loopback device up and without IPv6; what follows is run in it.
const WITHOUT_IPV6 = ['unshare', '-rn', 'sh', '-c', `echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6 &&
  python3 -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 0x49))' && exec "$@"`, 'sh'];

test('a machine without IPv6 is served on 127.0.0.1', async (t) => {
  const [program, ...rest] = WITHOUT_IPV6;
  if (spawnSync(program, [...rest, 'true']).status !== 0) return t.skip('SKIPPED: no network namespace can be made here');
  const server = await Server.start({ through: WITHOUT_IPV6 });
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:/);
  assert.equal((await server.stop()).code, 0);
});

test('a port that another server holds is refused, and its holder is named', async () => {
  const second = await Server.start({ config: `listeners: [{port: ${server.port}}]\n` }).then(
    async (started) => { await started.stop(); return 'it started'; }, (problem) => problem.message);
  assert.ok(second.includes(`Port ${server.port} is held by ai-orchestra (process ${server.child.pid})`), second);
  assert.match(second, /ended with 1/);
});

test('a foreign Host or Origin is refused on loopback', async () => {
  const raw = (headers) => new Promise((done) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(`GET /v1/models HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`));
    let text = '';
    socket.on('data', (bytes) => { text += bytes; }).on('close', () => done(Number(text.split(' ')[1])));
  });
  assert.equal(await raw(`Host: 127.0.0.1:${server.port}`), 200);
  assert.equal(await raw('Host: evil.example'), 403);
  assert.equal(await raw(`Host: localhost:${server.port}\r\nOrigin: https://evil.example`), 403);
});

// Sends bytes, gives the status, the fields and the body of the one answer once the server closed.
const refusal = (bytes) => new Promise((done, failed) => {
  const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
  let text = '';
  socket.on('data', (more) => { text += more; }).on('error', failed).on('close', () => {
    const [head, body] = text.split('\r\n\r\n');
    done({ status: Number(text.split(' ')[1]), head, body: JSON.parse(body) });
  });
});

test('what HTTP itself refuses has the shape of its path and a request id', async () => {
  const cases = [
    [403, (path) => `GET ${path} HTTP/1.1\r\nHost: evil.example\r\n\r\n`],
    [400, (path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n`],
    [413, (path) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n{`],
    [414, (path) => `GET ${path}?${'q'.repeat(40000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    [415, (path) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\n{`],
    [417, (path) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nContent-Length: 1\r\n\r\n{`],
    [431, (path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40000)}\r\n\r\n`],
    [505, (path) => `GET ${path} HTTP/2.0\r\nHost: localhost\r\n\r\n`],
  ];
  for (const [status, request] of cases) {
    const openai = await refusal(request('/v1/chat/completions'));
    assert.equal(openai.status, status);
    assert.ok(openai.body.error.message && openai.body.error.type && openai.body.error.code, `${status}: ${JSON.stringify(openai.body)}`);
    const common = await refusal(request('/'));
    assert.equal(common.status, status);
    for (const key of ['detail', 'code', 'error', 'timestamp', 'request_id', 'service']) assert.equal(typeof common.body[key], 'string', `${status} ${key}`);
    for (const answer of [openai, common]) assert.match(answer.head, /\r\nx-request-id: [\s\S]*\r\nconnection: close/);
  }
});

test('SIGHUP takes a good file over and ignores a bad one, without dropping a request', async () => {
  const reloading = await Server.start({ env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` }, config: 'aliases:\n  a: [openai/echo]\n' });
  const file = join(reloading.folder, 'orchestra.yaml');
  let stop = false;
  let failures = 0;
  const traffic = (async () => { while (!stop) if ((await reloading.post('/v1/chat/completions', chat('x', { model: 'a' }))).status !== 200) ++failures; })();
  try {
    await reloading.hasModel('openai/echo');
    failures = 0;
    writeFileSync(file, 'aliases:\n  a: [openai/echo]\n  b: [openai/echo]\n');
    reloading.child.kill('SIGHUP');
    await reloading.hasModel('b');
    writeFileSync(file, 'aliases: [broken\nserver:\n  prot: 1\n');
    reloading.child.kill('SIGHUP');
    await until(() => /nothing has changed/.test(reloading.output), 'the refusal');
    assert.equal((await reloading.post('/v1/chat/completions', chat('x', { model: 'b' }))).status, 200);
    stop = true;
    await traffic;
    assert.equal(failures, 0);
  } finally { stop = true; await reloading.stop(); }
});

test('a reload never opens a server on the network by taking its last key away', async () => {
  const key = createHash('sha256').update('let-me-in').digest('hex');
  const open = await Server.start({ config: `server:\n  host: 0.0.0.0\nauth:\n  api_keys:\n    - {name: a, sha256: ${key}}\n` });
  try {
    writeFileSync(join(open.folder, 'orchestra.yaml'), 'server:\n  host: localhost\n');
    open.child.kill('SIGHUP');
    await until(() => /nothing has changed/.test(open.output), 'the refusal');
    assert.equal((await open.get('/v1/models')).status, 401);
  } finally { await open.stop(); }
});

test('a reload that exchanges the providers drops no request', async () => {
  const config = (name) => `providers:\n  - {name: ${name}, base_url: "${mock.url}/v1", key: sk-mock, models: [echo], list: false}\naliases:\n  a: [${name}/echo]\n`;
  const reloading = await Server.start({ config: config('lab0') });
  let stop = false;
  const statuses = new Set();
  const ask = async () => { while (!stop) statuses.add((await reloading.post('/v1/chat/completions', chat('x', { model: 'a' }))).status); };
  const clients = Array.from({ length: 8 }, ask);
  try {
    for (let i = 1; i <= 20; ++i) {
      writeFileSync(join(reloading.folder, 'orchestra.yaml'), config(`lab${i}`));
      reloading.child.kill('SIGHUP');
      await reloading.hasModel(`lab${i}/echo`);
    }
    stop = true;
    await Promise.all(clients);
    assert.deepEqual([...statuses], [200]);
  } finally { stop = true; await reloading.stop(); }
});

test('the log says that there is no model yet, and at debug level names each request', async () => {
  const chatty = await Server.start({ env: { LOG_LEVEL: 'debug' } });
  try {
    await until(() => /There is no model yet: put GGUF files into/.test(chatty.output), 'the hint');
    const answer = await chatty.post('/v1/chat/completions', chat());
    await until(() => chatty.output.includes(`${answer.headers.get('x-request-id')}: failed with 404`), 'the line');
  } finally { await chatty.stop(); }
});

test('SIGTERM lets a stream finish', async () => {
  const draining = await Server.start({ env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` } });
  await draining.hasModel('openai/echo');
  const words = Array.from({ length: 200 }, (_, i) => `w${i}`).join(' ');
  const response = await fetch(`${draining.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(chat(words, { stream: true })) });
  const ended = draining.stop('SIGTERM');
  assert.match(await response.text(), /w199[\s\S]*\[DONE\]/);
  assert.equal((await ended).code, 0);
});

test('a second signal stops at once: the stream is cut, and booked', async () => {
  const env = { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` };
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-'));
  try {
    const stopped = await Server.start({ env, folder });
    await stopped.hasModel('openai/slow');
    const response = await fetch(`${stopped.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(chat('x', { model: 'openai/slow', stream: true })) });
    stopped.child.kill('SIGINT');
    await until(() => /Ctrl-C again/.test(stopped.output), 'the drain to begin');
    stopped.child.kill('SIGINT');
    await assert.rejects(response.text());
    assert.deepEqual(await stopped.exited, { code: 0, signal: null });
    const again = await Server.start({ env, folder });
    try {
      assert.doesNotMatch(again.output, /interrupted requests/);
      assert.equal((await again.get('/api/v1/usage')).body.total.requests, 1);
    } finally { await again.stop(); }
  } finally { rmSync(folder, { recursive: true, force: true }); }
});

test('usage sums what was asked', async () => {
  const before = (await server.get('/api/v1/usage')).body.total.requests;
  await server.post('/v1/chat/completions', chat());
  const after = (await server.get('/api/v1/usage?group_by=model')).body;
  assert.equal(after.total.requests, before + 1);
  assert.ok(after.rows.some((row) => row.key === 'openai/echo' || row.model === 'openai/echo'));
  assert.equal((await server.get('/api/v1/usage?group_by=colour')).status, 400);
});

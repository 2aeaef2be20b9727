// The public suites against the whole program: framing (Http11Probe, http-garden) and JSON (JSONTestSuite).
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Server, ROOT } from './harness.mjs';
import { startOpenAi } from '../mocks/openai.mjs';

const SUITES = join(ROOT, '../shared/conformance');
const skip = existsSync(SUITES) ? false : 'SKIPPED: ../shared/conformance is absent';
const run = promisify(execFile);

let mock, server;
before(async () => {
  if (skip) console.log(skip);
  mock = await startOpenAi();
  server = await Server.start({ env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` }, config: 'server:\n  allowed_hosts: ["*"]\n' });
  await server.hasModel('openai/echo');
});
after(async () => { await server?.stop(); await mock?.stop(); });

const python = async (script, ...args) => (await run('python3', [script, ...args], { maxBuffer: 1 << 24 })).stdout;

test('Http11Probe and http-garden', { skip }, async () => {
  console.log(await python(join(ROOT, 'tests/conformance/run_http.py'), '127.0.0.1', String(server.port)));
});

test('JSONTestSuite', { skip }, async () => {
  console.log(await python(join(SUITES, 'json_suite.py'), join(SUITES, 'JSONTestSuite/test_parsing'), '127.0.0.1', String(server.port), '/v1/chat/completions', 'x', 'openai/echo'));
});

test('1,000 slow-loris connections are cut and hurt nobody', async () => {
  const slow = await Server.start({ config: 'server:\n  timeouts:\n    header: 1s\n' });
  try {
    let closed = 0;
    const sockets = Array.from({ length: 1000 }, () => {
      const socket = connect(slow.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '));
      return socket.on('close', () => { ++closed; }).on('error', () => {}).on('data', () => {});
    });
    const drip = setInterval(() => sockets.forEach((socket) => !socket.destroyed && socket.write('a')), 200);
    assert.equal((await fetch(`${slow.url}/health`)).status, 200);
    while (closed < 1000) await new Promise((done) => setTimeout(done, 50));
    clearInterval(drip);
    assert.equal((await fetch(`${slow.url}/health`)).status, 200);
  } finally { await slow.stop(); }
});

test('the server is well after all that', async () => {
  for (let i = 0; i < 50; ++i) assert.equal((await fetch(`${server.url}/health`)).status, 200);
});

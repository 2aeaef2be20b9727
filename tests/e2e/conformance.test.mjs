// The public suites against the whole program: framing (Http11Probe, http-garden) and JSON (JSONTestSuite).
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
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

// Keeps 1,000 requests unfinished: each gets another byte five times a second. In a process of its own, so that what it
// costs is not measured as the server's.
const SLOW_LORIS = `
  const sockets = [];
  for (let i = 0; i < 1000; ++i) {
    sockets.push(require('net').connect(Number(process.argv[1]), '127.0.0.1').on('error', () => process.exit(1)));
    sockets[i].write('GET / HTTP/1.1\\r\\nHost: localhost\\r\\nX-Slow: ');
    sockets[i].on('connect', () => { if (++open === 1000) console.log('open'); });
  }
  let open = 0, next = 0;
  setInterval(() => { for (let i = 0; i < 5; ++i) sockets[next++ % 1000].write('a'); }, 1);`;

// The 99th percentile of 400 requests, one after the other on one connection, in microseconds.
async function p99(port) {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  const times = [];
  for (let i = 0; i < 400; ++i) {
    const start = performance.now();
    socket.write('HEAD /docs HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [answer] = await once(socket, 'data');
    times.push((performance.now() - start) * 1000);
    assert.match(String(answer), /^HTTP\/1.1 200 [\s\S]*\r\n\r\n$/);
  }
  socket.destroy();
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)];
}

test('with 1,000 slow-loris connections open, p99 stays below twice the quiet one', async (t) => {
  const patient = await Server.start({ config: 'server:\n  timeouts:\n    header: 10m\n' });
  // The machine may be busy with something else: the best of several rounds is the server's own.
  const best = async (rounds, enough = 0) => {
    let least = Infinity;
    while (rounds-- > 0 && least > enough) least = Math.min(least, await p99(patient.port));
    return least;
  };
  try {
    await p99(patient.port);
    const quiet = await best(6);
    const attacker = spawn(process.execPath, ['-e', SLOW_LORIS, String(patient.port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let attacked;
    try {
      await once(attacker.stdout, 'data');
      attacked = await best(40, 1.9 * quiet);
      assert.equal(attacker.exitCode, null, 'the attack went on to the end');
    } finally { attacker.kill('SIGKILL'); await once(attacker, 'exit'); }
    t.diagnostic(`p99 quiet ${quiet.toFixed(0)} us, attacked ${attacked.toFixed(0)} us`);
    assert.ok(attacked < 2 * quiet, `quiet ${quiet} us, attacked ${attacked} us`);
  } finally { await patient.stop(); }
});

test('the server is well after all that', async () => {
  for (let i = 0; i < 50; ++i) assert.equal((await fetch(`${server.url}/health`)).status, 200);
});

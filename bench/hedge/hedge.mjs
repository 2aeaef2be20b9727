// What hedging is worth: two providers of which each makes 2 % of its calls 50 times slower. Prints latencies with and
// without hedging, and the extra calls that it took.
//
//   build/deps/node/bin/node bench/hedge/hedge.mjs [--requests N]
//
// Whole chats on an alias of both (`routing.hedge_after`), and /v1/reason under a hybrid policy. The server is that of
// ORCHESTRA_BINARY, else build/dev.
import { Agent, createServer, request } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Server } from '../../tests/e2e/harness.mjs';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '20000' } } });
const REQUESTS = Number(values.requests);
const USUAL_MS = 20, TIMES_SLOWER = 50, SLOW_SHARE = 0.02, HEDGE_AFTER_MS = 40, AT_ONCE = 64;

// mulberry32: the same slow calls in every run.
function randomNumbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function startProvider(seed) {
  const random = randomNumbers(seed);
  const answer = JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'm', usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Because.' } }] });
  const provider = { calls: 0 };
  const server = createServer((incoming, response) => {
    incoming.resume();
    if (incoming.method === 'GET') return response.end(JSON.stringify({ object: 'list', data: [{ id: 'm', object: 'model', created: 1 }] }));
    ++provider.calls;
    const after = random() < SLOW_SHARE ? USUAL_MS * TIMES_SLOWER : USUAL_MS;
    const timer = setTimeout(() => { response.writeHead(200, { 'content-type': 'application/json' }); response.end(answer); }, after);
    response.on('close', () => clearTimeout(timer));
  });
  server.keepAliveTimeout = 60000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  provider.url = `http://127.0.0.1:${server.address().port}`;
  provider.stop = () => { server.closeAllConnections(); server.close(); };
  return provider;
}

function ask(agent, port, path, body) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = request({ agent, port, host: '127.0.0.1', path, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
      response.resume();
      response.on('end', () => (response.statusCode === 200 ? resolve(performance.now() - began) : reject(new Error(`status ${response.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const policy = (hedging) => `services:
  reason:
    providers: {local: {name: near, model: near/m}, cloud: {name: far, model: far/m}}
    fallback_criteria: {latency_threshold_ms: ${HEDGE_AFTER_MS}}
    hedging: {on_latency: ${hedging}, on_low_confidence: false}
`;

async function measure(path, body, hedging) {
  const near = await startProvider(1), far = await startProvider(2);
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-'));
  writeFileSync(join(folder, 'hybrid_policy.yaml'), policy(hedging));
  const server = await Server.start({ folder, config: `providers:
  - {name: near, base_url: "${near.url}/v1", key: k}
  - {name: far, base_url: "${far.url}/v1", key: k}
aliases: {both: [near/m, far/m]}
routing: {hedge_after: ${hedging ? HEDGE_AFTER_MS : 0}ms}
` });
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    await server.hasModel('near/m');
    await server.hasModel('far/m');
    const run = async (count) => {
      const took = [];
      const client = async () => { while (count-- > 0) took.push(await ask(agent, server.port, path, body)); };
      await Promise.all(Array.from({ length: AT_ONCE }, client));
      return took;
    };
    const took = await run(REQUESTS);
    took.sort((a, b) => a - b);
    const quantile = (q) => took[Math.min(took.length - 1, Math.floor(q * took.length))];
    return { p50: quantile(0.5), p99: quantile(0.99), p999: quantile(0.999), extra: (near.calls + far.calls - REQUESTS) / REQUESTS };
  } finally {
    agent.destroy();
    await server.stop();
    near.stop();
    far.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log(`${REQUESTS} requests, ${AT_ONCE} at once; ${SLOW_SHARE * 100} % of calls take ${USUAL_MS * TIMES_SLOWER} ms instead of ${USUAL_MS}; hedged after ${HEDGE_AFTER_MS} ms`);
for (const [name, path, body] of [['chat on an alias', '/v1/chat/completions', '{"model":"both","messages":[{"role":"user","content":"Why?"}]}'], ['/v1/reason', '/v1/reason', '{"prompt":"Why?"}']]) {
  const plain = await measure(path, body, false), hedged = await measure(path, body, true);
  for (const [how, got] of [['plain', plain], ['hedged', hedged]]) {
    console.log(`${name.padEnd(18)} ${how.padEnd(7)} p50 ${got.p50.toFixed(1)} ms  p99 ${got.p99.toFixed(1)} ms  p99.9 ${got.p999.toFixed(1)} ms  extra calls ${(got.extra * 100).toFixed(2)} %`);
  }
  const times = plain.p999 / hedged.p999;
  console.log(`${name.padEnd(18)} p99.9 cut ${times.toFixed(1)} times (target >= 10: ${times >= 10 ? 'met' : 'MISSED'}), extra calls (target <= 5 %: ${hedged.extra <= 0.05 ? 'met' : 'MISSED'})`);
}

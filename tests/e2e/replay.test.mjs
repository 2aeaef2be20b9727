// Ten thousand decisions as a server really recorded them, through all strategies and random demands: each ranks again to
// what it was, from its stored JSON alone.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { createServer, request as httpRequest, Agent } from 'node:http';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Server, BINARY } from './harness.mjs';

const WANTED = 10_000, SENT = 12_500, SIDE_BY_SIDE = 48;
const CHECK = join(dirname(BINARY), 'replay_check');

// Mulberry32: the same requests on every run.
function randomNumbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let bits = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

const MODELS = { openai: ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-3.5-turbo'], groq: ['llama-3.3-70b-versatile', 'llama-3.1-8b-instant'], zoo: ['zebra', 'yak', 'xerus', 'wolf-code', 'vole'] };
const ANSWER = JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }], usage: { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 } });

// A provider of few words: some answers fail, some are refused for their number, so that breakers and cool-downs take part.
async function startProvider(seed) {
  const random = randomNumbers(seed);
  const provider = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const luck = random();
      const status = luck < 0.01 ? 503 : luck < 0.015 ? 429 : 200;
      const body = status === 200 ? ANSWER : '{"error":{"message":"Not now.","type":"server_error"}}';
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...(status === 429 ? { 'retry-after': '1' } : {}) });
      response.end(body);
    });
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  return provider;
}

const providers = [];
let server;
before(async () => {
  for (let i = 0; i < 3; ++i) providers.push(await startProvider(i));
  const [openai, groq, zoo] = providers.map((provider) => `http://127.0.0.1:${provider.address().port}/v1`);
  const named = (name, url) => `  - name: ${name}\n    dialect: openai\n    base_url: ${url}\n    key_env: MOCK_API_KEY\n    models: [${MODELS[name].join(', ')}]\n`;
  server = await Server.start({ env: { MOCK_API_KEY: 'k' },
    config: `providers:\n${named('openai', openai)}${named('groq', groq)}${named('zoo', zoo)}aliases:\n  team: [zoo/yak, openai/gpt-4o, auto]\n  pair: [groq/llama-3.1-8b-instant, zoo/vole]\n` });
  await server.hasModel('zoo/zebra');
});
after(async () => { await server?.stop(); for (const provider of providers) provider.closeAllConnections(), provider.close(); });

const STRATEGIES = ['auto', 'performance', 'accuracy', 'cost', 'balanced', 'multi_objective', 'context_aware', 'adaptive', 'weighted_round_robin', 'least_loaded', 'sticky'];
const PROMPTS = ['What is the capital of France?', 'Fix this python loop: for i in range(10) print(i)', 'Compare the evidence on nuclear and renewable energy, with sources.', 'Describe this picture.', 'Translate "good morning".', 'Prove that there are infinitely many primes. '];

function randomRequest(random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const headers = { 'content-type': 'application/json', 'x-orchestra-strategy': pick(STRATEGIES) };
  if (random() < 0.2) headers['x-orchestra-weights'] = `quality=${random().toFixed(3)}, latency=${random().toFixed(3)}, cost=${random().toFixed(3)}, resources=0.1`;
  if (random() < 0.2) headers['x-orchestra-providers'] = pick(['openai', 'zoo, groq', '-openai', '-zoo']);
  if (random() < 0.1) headers['x-orchestra-max-cost-usd'] = pick(['0.0001', '0.001', '0.01']);
  if (random() < 0.15) headers['x-orchestra-task'] = pick(['code_generation', 'reasoning', 'analysis']);
  if (random() < 0.3) headers['x-session-id'] = `s${Math.floor(random() * 40)}`;
  const model = pick(['auto', 'auto', 'auto', 'auto', 'auto', 'team', 'pair', 'zoo/wolf-code', 'openai/gpt-4o-mini']);
  const content = pick(PROMPTS).repeat(1 + Math.floor(random() ** 4 * 60));
  const body = { model, messages: [{ role: 'user', content }] };
  if (random() < 0.3) body.max_tokens = 1 + Math.floor(random() * 2000);
  return { headers, body: JSON.stringify(body) };
}

// Keeps so many requests under way until all are answered; the number of answers by status.
function sendAll(count) {
  const random = randomNumbers(7), agent = new Agent({ keepAlive: true, maxSockets: SIDE_BY_SIDE }), statuses = {};
  const { hostname, port } = new URL(server.url);
  let left = count, open = 0;
  return new Promise((done, broken) => {
    const next = () => {
      if (left === 0) return open === 0 ? (agent.destroy(), done(statuses)) : undefined;
      --left, ++open;
      const { headers, body } = randomRequest(random);
      const request = httpRequest({ hostname, port, agent, method: 'POST', path: '/v1/chat/completions', headers: { ...headers, 'content-length': Buffer.byteLength(body) } }, (response) => {
        statuses[response.statusCode] = (statuses[response.statusCode] ?? 0) + 1;
        response.resume();
        response.on('end', () => { --open; next(); });
      });
      request.on('error', broken);
      request.end(body);
    };
    for (let i = 0; i < SIDE_BY_SIDE; ++i) next();
  });
}

const run = (program, ...args) => new Promise((done) => {
  execFile(program, args, { cwd: server.folder, env: { PATH: process.env.PATH, HOME: server.folder, ORCHESTRA_URL: server.url }, timeout: 60000, maxBuffer: 1 << 26 },
    (problem, stdout, stderr) => done({ code: problem ? problem.code : 0, stdout, stderr }));
});

test('a replayed decision equals the stored one for 10,000 recorded decisions', async (context) => {
  const statuses = await sendAll(SENT);
  assert.ok(statuses[200] > SENT * 0.8, JSON.stringify(statuses));
  const file = join(server.folder, 'cheap.yaml');
  writeFileSync(file, 'strategy: cost\n');
  const simulated = await run(BINARY, 'simulate', '--policy', file, '--format', 'json');
  assert.equal(simulated.code, 0, simulated.stderr);
  const sums = JSON.parse(simulated.stdout);
  assert.equal(sums.requests, SENT);
  assert.ok(sums.changed > 1000 && sums.predicted.simulated.cost_usd < sums.predicted.stored.cost_usd, simulated.stdout);
  assert.equal((await run(BINARY, 'simulate', '--policy', file, '--format', 'json')).stdout, simulated.stdout);
  const replayed = await run(CHECK, join(server.folder, 'data/ledger.db'));
  for (const line of replayed.stdout.trim().split('\n')) context.diagnostic(line);
  assert.equal(replayed.code, 0, replayed.stderr);
  const [, equal, all] = /(\d+) of (\d+) equal/.exec(replayed.stdout);
  assert.equal(equal, all);
  assert.ok(Number(all) >= WANTED, `only ${all} decisions were ranked`);
  for (const strategy of STRATEGIES) assert.match(replayed.stdout, new RegExp(`^${strategy}: `, 'm'));
});

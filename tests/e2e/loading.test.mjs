// Cloud while local loads: a remote model answers while the local one that was chosen is loaded; then the session moves over.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY, DEMO_MODELS, HAS_ENGINE, Server, until } from './harness.mjs';
import { startMock, json } from '../mocks/http_server.mjs';

const demo = join(DEMO_MODELS, 'orchestra-demo.gguf');
const LOCAL = 'local/orchestra-demo';
const skip = (!HAS_ENGINE || !existsSync(demo)) && 'SKIPPED: no engine or no demo model';
const wait = { 'x-orchestra-deadline-ms': '60000' };
// One loop: what /api/ps shows is what the next request is decided by.
const config = (far, limit) => `server: {threads: 1}
providers: [{name: far, base_url: "${far.url}/v1", key: k}]
aliases: {mine: [${LOCAL}, far/m]}
routing: {cloud_while_loading: ${limit}}
`;

let far, models;
before(async () => {
  far = await startMock((entry, response) => {
    if (entry.url.endsWith('/models')) return json(response, 200, { object: 'list', data: [{ id: 'm', object: 'model', created: 1 }] });
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    if (entry.url.endsWith('/chat/completions')) return json(response, 200, { id: 'x', object: 'chat.completion', created: 1, model: 'm', usage, choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'from far away' } }] });
    json(response, 200, { id: 'x', object: 'text_completion', created: 1, model: 'm', usage, choices: [{ index: 0, finish_reason: 'stop', text: 'from far away' }] });
  });
  models = mkdtempSync(join(tmpdir(), 'orchestra-models-'));
  if (!skip) copyFileSync(demo, join(models, 'orchestra-demo.gguf'));
});
after(async () => { await far?.stop(); rmSync(models, { recursive: true, force: true }); });

async function serving(limit, body) {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-'));
  writeFileSync(join(folder, 'prices.yaml'), 'as_of: "2026-01-02"\nfar: {models: {"m": {input: 1000, output: 2000}}}\n');
  writeFileSync(join(folder, 'routes.yaml'), 'chains: {simple: [orchestra-demo], technical: [orchestra-demo], research: [orchestra-demo]}\n');
  const server = await Server.start({ folder, models, config: config(far, limit) });
  try {
    await server.hasModel(LOCAL);
    await server.hasModel('far/m');
    await body(server);
  } finally { await server.stop(); rmSync(folder, { recursive: true, force: true }); }
}
const chat = async (server, model, headers = {}) => {
  const got = await server.post('/v1/chat/completions', { model, max_tokens: 8, messages: [{ role: 'user', content: 'What is AI Orchestra?' }] }, { ...wait, ...headers });
  assert.equal(got.status, 200, got.text);
  return got;
};
const by = (got) => got.headers.get('x-orchestra-model');
const worker = async (server) => (await server.get('/api/ps')).body.models.find((one) => one.name === LOCAL || one.model === LOCAL);
const ready = (server) => until(async () => (await worker(server))?.state === 'ready', 'the load', 60000);
const unload = async (server) => assert.equal((await server.post(`/api/models/${LOCAL}/unload`, {})).status, 200);

test('a chain whose local model is cold: the remote one answers, says why, and the session moves over', { skip }, () => serving('1ms', async (server) => {
  const session = { 'x-orchestra-strategy': 'sticky', 'x-session-id': 'one' };
  const first = await chat(server, 'mine', session);
  assert.equal(by(first), 'far/m');
  const id = first.headers.get('x-request-id');
  const decision = await until(async () => { const got = await server.get(`/api/v1/decisions/${id}`); return got.status === 200 && got.body; }, 'the booking');
  assert.equal(decision.loading, LOCAL);
  assert.equal(decision.considered[0].reason, `It can answer sooner, while ${LOCAL} is loaded.`);
  assert.match(decision.considered[1].reason, /^It comes first in the chain\. Loading it takes about \d+ s more; until then others answer\.$/);
  const explained = spawnSync(BINARY, ['explain', id, '--url', server.url], { encoding: 'utf8' });
  assert.match(explained.stdout, new RegExp(`Loading +${LOCAL}, while others answer`));
  await ready(server);
  assert.equal(by(await chat(server, 'mine', session)), LOCAL);
  assert.equal(by(await chat(server, 'auto', session)), LOCAL, 'the session stands with it');
}));

test('auto, completions and the READMEs\' surfaces do the same; to ask what would be chosen loads nothing', { skip }, () => serving('1ms', async (server) => {
  const chosen = (await server.post('/route', { query: 'What is AI Orchestra?' }, wait)).body;
  assert.equal(chosen.model_id, 'far/m');
  assert.match(chosen.reasoning, /It can answer sooner, while local\/orchestra-demo is loaded/);
  assert.ok(!(await worker(server)), 'nothing is loaded');
  for (const ask of [
    async () => by(await chat(server, 'auto')),
    async () => by(await server.post('/v1/completions', { model: 'mine', prompt: 'Hello', max_tokens: 4 }, wait)),
    async () => (await server.post('/api/v1/route', { prompt: 'Hello', max_tokens: 4 }, wait)).body.model_used,
    async () => (await server.post('/api/inference/', { model_id: 'mine', inputs: 'Hello', parameters: { max_tokens: 4 } }, wait)).body.model_id,
  ]) {
    assert.equal(await ask(), 'far/m');
    await ready(server);
    await unload(server);
    await until(async () => !(await worker(server)), 'its end');
  }
}));

test('what must stay here, and what is named, waits for the load', { skip }, () => serving('1ms', async (server) => {
  assert.equal(by(await chat(server, 'mine', { 'x-orchestra-privacy': 'local_only' })), LOCAL);
  await unload(server);
  assert.equal(by(await chat(server, LOCAL)), LOCAL);
}));

test('switched off, or where the load is short, the local model is waited for', { skip }, async () => {
  for (const limit of ['0s', '10m']) await serving(limit, async (server) => assert.equal(by(await chat(server, 'mine')), LOCAL));
});

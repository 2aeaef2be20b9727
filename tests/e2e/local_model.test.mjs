// The demo model behind a real worker: chat, stream and abort through the real `openai` client, load and unload, and
// what happens when the worker or the whole server is killed.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAI, Server, DEMO_MODELS, HAS_ENGINE, until } from './harness.mjs';

const demo = join(DEMO_MODELS, 'orchestra-demo.gguf');
const skip = !HAS_ENGINE || !existsSync(demo) ? 'SKIPPED: no engine under build/deps or no demo model' : false;
const MODEL = 'local/orchestra-demo';
const question = [{ role: 'user', content: 'What is AI Orchestra?' }];

let models, server, client;
before(async () => {
  if (skip) return console.log(skip);
  models = mkdtempSync(join(tmpdir(), 'orchestra-models-'));
  copyFileSync(demo, join(models, 'orchestra-demo.gguf'));
  writeFileSync(join(models, 'damaged.gguf'), Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(64, 0xff)]));
  writeFileSync(join(models, 'empty.gguf'), '');
  server = await Server.start({ models });
  await server.hasModel(MODEL);
  client = new OpenAI({ apiKey: 'unused', baseURL: `${server.url}/v1`, maxRetries: 0 });
});
after(async () => { await server?.stop(); if (models) rmSync(models, { recursive: true, force: true }); });

const workerPid = async (at = server) => (await at.get('/api/ps')).body.models.find((m) => m.model === MODEL)?.pid;
const alive = (pid) => { try { process.kill(pid, 0); return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z'); } catch { return false; } };

test('two requests for a cold model cause one load', { skip }, async () => {
  const answers = await Promise.all([0, 1].map(() => client.chat.completions.create({ model: MODEL, messages: question, temperature: 0 })));
  for (const answer of answers) assert.match(answer.choices[0].message.content, /AI Orchestra/);
  assert.equal((await server.get('/api/ps')).body.models.length, 1);
  assert.equal(server.output.match(/Loading local\/orchestra-demo/g).length, 1);
});

test('damaged model files are findings, not models', { skip }, async () => {
  const ids = (await server.get('/v1/models')).body.data.map((m) => m.id);
  assert.deepEqual(ids.filter((id) => id.startsWith('local/')), [MODEL]);
  assert.match(server.output, /damaged\.gguf/);
  assert.match(server.output, /empty\.gguf/);
});

test('the catalogue shows what the header says', { skip }, async () => {
  const model = (await server.get(`/v1/models/${MODEL}`)).body;
  assert.equal(model.details.architecture, 'llama');
  assert.ok(model.context_length > 0 && model.details.layers > 0 && model.details.chat_template);
});

test('README 002: its chat answers with its own members alone', { skip }, async () => {
  const { status, body } = await server.post('/api/models/chat', { model_id: 'orchestra-demo', messages: [{ role: 'USER', content: 'What is AI Orchestra?' }], max_tokens: 4 });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body.response).sort(), ['choices', 'created', 'id', 'model', 'object', 'usage']);
  assert.deepEqual(Object.keys(body.response.choices[0]).sort(), ['finish_reason', 'index', 'message']);
});

test('`auto` and the bare name answer too', { skip }, async () => {
  for (const model of ['auto', 'orchestra-demo']) {
    const answer = await client.chat.completions.create({ model, messages: question, temperature: 0 });
    assert.match(answer.choices[0].message.content, /AI Orchestra/);
  }
});

test('streams with usage, and the usage reaches the ledger', { skip }, async () => {
  const { data, response } = await client.chat.completions.create({ model: MODEL, messages: question, stream: true, stream_options: { include_usage: true } }).withResponse();
  let text = '';
  let usage;
  for await (const chunk of data) { text += chunk.choices[0]?.delta?.content ?? ''; usage = chunk.usage ?? usage; }
  assert.ok(text.length > 10);
  const booked = (await server.get(`/api/v1/decisions/${response.headers.get('x-request-id')}`)).body;
  assert.equal(booked.model, MODEL);
  assert.equal(booked.usage.output, usage.completion_tokens);
});

test('an aborted stream frees the slot', { skip }, async () => {
  const stream = await client.chat.completions.create({ model: MODEL, messages: question, stream: true });
  for await (const _ of stream) { stream.controller.abort(); break; }
  await until(async () => (await server.get('/api/ps')).body.models[0].in_flight === 0, 'the slot');
});

test('a worker killed in mid-stream is an error event, no [DONE]; the next request is answered', { skip }, async () => {
  const pid = await workerPid();
  const response = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: MODEL, stream: true, messages: question, max_tokens: 100000, ignore_eos: true }) });
  let text = '';
  for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
    if (!text) process.kill(pid, 'SIGKILL');
    text += bytes;
  }
  assert.match(text, /"error"/);
  assert.doesNotMatch(text, /\[DONE\]/);
  const next = await until(() => client.chat.completions.create({ model: MODEL, messages: question, temperature: 0 }).catch(() => undefined), 'the next answer');
  assert.match(next.choices[0].message.content, /AI Orchestra/);
  assert.notEqual(await workerPid(), pid);
});

test('load, status and unload', { skip }, async () => {
  const down = await server.post(`/api/models/${encodeURIComponent(MODEL)}/unload`, '');
  assert.equal(down.status, 200);
  assert.equal(down.body.status, 'not_loaded');
  assert.equal((await server.get('/api/ps')).body.models.length, 0);
  const up = await server.post('/api/models/orchestra-demo/load', '');
  assert.equal(up.body.status, 'ready');
  assert.equal((await server.get(`/api/models/${MODEL}/status`)).body.loaded, true);
  assert.equal((await server.get('/api/models/nothing/status')).status, 404);
});

test('no worker survives the server: SIGTERM and kill -9', { skip }, async () => {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    const other = await Server.start({ models });
    await other.hasModel(MODEL);
    await other.post('/api/models/orchestra-demo/load', '');
    const pid = await workerPid(other);
    assert.ok(alive(pid));
    await other.stop(signal);
    await until(() => !alive(pid), `worker ${pid} to end after ${signal}`, 8000);
  }
});

test('an idle model is unloaded after keep_alive', { skip }, async () => {
  const other = await Server.start({ models, config: 'models:\n  keep_alive: 1s\n' });
  try {
    await other.hasModel(MODEL);
    assert.equal((await other.post('/api/models/orchestra-demo/load', '')).body.status, 'ready');
    await until(async () => (await other.get('/api/ps')).body.models.length === 0, 'the unloading');
    const status = (await other.get('/api/models/orchestra-demo/status')).body;
    assert.deepEqual([status.status, status.load.percent], ['not_loaded', 0]);
  } finally { await other.stop(); }
});

test('a model that does not fit is refused with the numbers', { skip }, async () => {
  const other = await Server.start({ models, config: 'memory:\n  limit: 64MiB\n' });
  try {
    await other.hasModel(MODEL);
    const answer = await other.post('/v1/chat/completions', { model: MODEL, messages: question });
    assert.equal(answer.status, 507, answer.text);
    assert.match(answer.body.error.message, /MiB|MB/);
  } finally { await other.stop(); }
});

test('the least recently used idle model makes room; a damaged one is refused with its cause, once', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-lru-'));
  for (const name of ['a', 'b', 'c']) copyFileSync(demo, join(folder, `${name}.gguf`));
  // Its header is sound; what it says about its vocabulary is not.
  const bytes = readFileSync(demo);
  bytes.write('x', bytes.indexOf('tokenizer.ggml.model'));
  writeFileSync(join(folder, 'odd.gguf'), bytes);
  const need = (await server.get(`/v1/models/${MODEL}`)).body.details.memory;
  const other = await Server.start({ models: folder, config: `memory:\n  limit: ${Math.ceil((need * 2.5) / 2 ** 20)}MiB\n` });
  try {
    await other.hasModel('local/a');
    const ask = (name) => other.post('/v1/chat/completions', { model: `local/${name}`, messages: question, temperature: 0, max_tokens: 5 });
    for (const name of ['a', 'b', 'a', 'c']) assert.equal((await ask(name)).status, 200, name);
    assert.deepEqual((await other.get('/api/ps')).body.models.map((m) => m.name).sort(), ['a', 'c']);
    const odd = await ask('odd');
    assert.equal(odd.status, 503);
    assert.equal(odd.body.error.code, 'model_load_failed');
    assert.equal(odd.body.error.message.match(/could not be loaded/g).length, 1, odd.text);
    assert.equal((await ask('a')).status, 200);
  } finally {
    await other.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

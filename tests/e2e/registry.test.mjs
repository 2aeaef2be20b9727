// The registry as its users meet it: records over a crash, what the READMEs' clients ask, and a thousand models.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, until } from './harness.mjs';
import { startOpenAi } from '../mocks/openai.mjs';

const model = (name, more = {}) => ({ model_id: name, provider: 'OPENAI', capabilities: ['CHAT'], ...more });

test('a record is there on every loop at once, and after kill -9', async () => {
  const mock = await startOpenAi();
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-registry-'));
  const start = () => Server.start({ folder, env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` }, config: 'server:\n  threads: 4\n' });
  try {
    let server = await start();
    for (let i = 0; i < 50; ++i) {
      assert.equal((await server.post('/api/models', model(`made-${i}`, { description: 'by a test' }))).status, 201);
      // Without keep-alive: each question may reach another loop.
      const answers = await Promise.all(Array.from({ length: 8 }, () => fetch(`${server.url}/api/models/made-${i}`, { headers: { connection: 'close' } })));
      assert.deepEqual(answers.map((answer) => answer.status), Array(8).fill(200));
    }
    assert.equal((await server.post('/models/made-1/usage?query_type=simple&response_time=1.5&cost_usd=0.002', '')).body.status, 'recorded');
    await server.stop('SIGKILL');
    server = await start();
    assert.equal((await server.get('/api/models?search=MADE-&page_size=7&page=8')).body.total, 50);
    assert.equal((await server.get('/api/models/made-49')).body.description, 'by a test');
    await server.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await mock.stop();
  }
});

test('usage changes what is shown, and outlives an orderly stop', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-registry-'));
  const start = () => Server.start({ folder });
  try {
    let server = await start();
    await server.post('/api/models', model('told', { performance: { avg_completion_ms: 900 } }));
    const completion = async () => (await server.get('/models/told')).body.performance;
    assert.deepEqual([(await completion()).avg_completion_ms, (await completion()).source], [900, 'claimed']);
    await server.post('/models/told/usage', { query_type: 'research', response_time: 2, cost_usd: 0.01 });
    await until(async () => (await completion()).source === 'measured', 'the measured figure');
    await server.post('/models/told/usage', { query_type: 'research', response_time: 2, cost_usd: 0.01 });
    await server.stop();
    server = await start();
    const figures = await completion();
    assert.ok(Math.abs(figures.avg_completion_ms - 2000) < 0.1, JSON.stringify(figures));
    const status = (await server.get('/api/models/told/status')).body;
    assert.deepEqual([status.status, status.loaded], ['not_loaded', false], 'its provider is not set up');
    assert.ok(figures.samples > 1.9, 'the last moment before the stop counts too');
    await server.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a damaged registry is a sentence that names the way out', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-registry-'));
  try {
    const server = await Server.start({ folder });
    await server.stop();
    assert.ok(existsSync(join(folder, 'data/registry.db')));
    writeFileSync(join(folder, 'data/registry.db'), 'x'.repeat(10_000));
    for (const companion of ['-wal', '-shm']) rmSync(join(folder, `data/registry.db${companion}`), { force: true });
    await assert.rejects(Server.start({ folder }), /The registry of models cannot be read.*Repair registry\.db in the data folder/s);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a thousand registered models', { timeout: 120_000 }, async () => {
  const server = await Server.start();
  try {
    const made = [];
    for (let i = 0; i < 1000; i += 50) {
      made.push(...await Promise.all(Array.from({ length: 50 }, (_, n) => server.post('/api/models', model(`many-${i + n}`)))));
    }
    assert.ok(made.every((answer) => answer.status === 201));
    const page = (await server.get('/api/models?provider=openai&page=10&page_size=100')).body;
    assert.equal(page.total, 1000);
    assert.equal(page.items.length, 100);
    assert.equal((await server.get('/models')).body.length, 1000);
  } finally {
    await server.stop();
  }
});

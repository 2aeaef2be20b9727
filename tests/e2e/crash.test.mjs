// kill -9 of the server under load, again and again, on one data folder: every request that a client saw answered is in
// the ledger exactly once. ORCHESTRA_CRASHES sets how often (default 10; the full proof is 50).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { Server } from './harness.mjs';
import { startOpenAi } from '../mocks/openai.mjs';

const CRASHES = Number(process.env.ORCHESTRA_CRASHES ?? 10);
const CLIENTS = 16;

// Asks until the server is gone; notes the id of every answer that arrived whole.
async function load(url, acknowledged, stream) {
  for (;;) {
    try {
      const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'openai/echo', stream, messages: [{ role: 'user', content: 'a b' }] }) });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`status ${response.status}: ${text}`);
      if (!stream || text.includes('[DONE]')) acknowledged.push(response.headers.get('x-request-id'));
    } catch (problem) {
      if (problem.message.startsWith('status')) throw problem;
      return;
    }
  }
}

test(`${CRASHES} crashes lose and double nothing`, { timeout: 600_000 }, async () => {
  const mock = await startOpenAi();
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-crash-'));
  const acknowledged = [];
  const start = () => Server.start({ folder, env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` }, config: 'providers:\n  - name: openai\n    models: [echo]\n' });
  try {
    for (let i = 0; i < CRASHES; ++i) {
      const server = await start();
      await server.hasModel('openai/echo');
      const clients = Array.from({ length: CLIENTS }, (_, n) => load(server.url, acknowledged, n % 2 === 0));
      await new Promise((done) => setTimeout(done, 50 + Math.random() * 250));
      await server.stop('SIGKILL');
      await Promise.all(clients);
    }
    const last = await start();
    await last.stop();
    const ask = (sql) => JSON.parse(execFileSync('sqlite3', ['-json', join(folder, 'data/ledger.db'), sql], { maxBuffer: 1 << 28 }).toString() || '[]');
    const booked = new Map(ask('select id, count(*) as n from requests group by id').map((row) => [row.id, row.n]));
    const [{ hours }] = ask('select sum(requests) as hours from usage_hours');
    const lost = acknowledged.filter((id) => !booked.has(id));
    const doubled = [...booked].filter(([, n]) => n > 1);
    console.log(`${acknowledged.length} acknowledged, ${booked.size} booked, ${lost.length} lost, ${doubled.length} doubled over ${CRASHES} crashes`);
    assert.ok(acknowledged.length > CRASHES);
    assert.deepEqual(lost, []);
    assert.deepEqual(doubled, []);
    assert.equal(hours, booked.size, 'the hourly sums, which usage reports, count each request once');
  } finally {
    await mock.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

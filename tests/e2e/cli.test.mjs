// The command line against a running server, as a user types it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { Server, BINARY, until } from './harness.mjs';
import { startOpenAi } from '../mocks/openai.mjs';

let mock, server;
before(async () => {
  mock = await startOpenAi();
  server = await Server.start({ env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` } });
  await server.hasModel('openai/echo');
});
after(async () => { await server?.stop(); await mock?.stop(); });

function cli(...args) {
  return new Promise((done) => {
    execFile(BINARY, args, { cwd: server.folder, env: { PATH: process.env.PATH, HOME: server.folder, ORCHESTRA_URL: server.url }, timeout: 20000 },
      (problem, stdout, stderr) => done({ code: problem ? problem.code : 0, stdout, stderr }));
  });
}
const json = async (...args) => { const { stdout } = await cli(...args, '--format', 'json'); return JSON.parse(stdout); };

test('query answers, streamed or as JSON', async () => {
  const plain = await cli('query', '--model', 'openai/echo', '--prompt', 'hello there');
  assert.equal(plain.code, 0, plain.stderr);
  assert.equal(plain.stdout.trim(), 'hello there');
  assert.match(JSON.stringify(await json('query', '--model', 'openai/echo', '--prompt', 'hello')), /hello/);
});

test('models, health, ps and usage show what the server knows', async () => {
  assert.match((await cli('models')).stdout, /openai\/echo/);
  assert.match((await cli('health')).stdout, /healthy/);
  assert.match((await cli('health', '--verbose')).stdout, /openai: available/);
  assert.equal((await cli('ps')).code, 0);
  const usage = await until(async () => { const report = await json('usage', '--by', 'model'); return report.total.requests > 0 ? report : undefined; }, 'usage');
  assert.equal(usage.rows[0].model, 'openai/echo');
});

test('explain draws the decision of a request', async () => {
  const answer = await server.post('/v1/chat/completions', { model: 'openai/echo', messages: [{ role: 'user', content: 'x' }] });
  const shown = await cli('explain', answer.headers.get('x-request-id'));
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /openai\/echo/);
  assert.match(shown.stdout, /chosen|answered/);
  assert.equal((await cli('explain', 'req_00000000000000000000000000')).code, 1);
  const { request_id: id } = await json('query', '--model', 'openai/echo', '--prompt', 'x');
  assert.equal((await json('explain', id)).request_id, id);
});

test('mistakes are told apart: 2 for the command line, 1 for what failed', async () => {
  assert.equal((await cli('nonsense')).code, 2);
  assert.equal((await cli('query')).code, 2);
  const failed = await cli('query', '--model', 'openai/none', '--prompt', 'x');
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /openai\/none/);
  const error = await json('query', '--model', 'openai/none', '--prompt', 'x');
  assert.equal(error.error.code, 'model_not_found');
});

test('without a server it says how to start one', async () => {
  const lonely = await cli('health', '--url', 'http://127.0.0.1:1');
  assert.equal(lonely.code, 1);
  assert.match(lonely.stderr, /serve|make run/);
});

test('doctor, config check, version and completion work', async () => {
  assert.match((await cli('doctor')).stdout, /engine/);
  assert.equal((await cli('config', 'check')).code, 0);
  assert.match((await cli('version')).stdout, /ai-orchestra \d/);
  for (const shell of ['bash', 'zsh', 'fish']) assert.match((await cli('completion', shell)).stdout, /ai-orchestra/);
});

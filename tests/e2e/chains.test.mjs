// The chains per kind of query: aliases in them, and names that stand for nothing.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY, Server, until } from './harness.mjs';
import { startOpenAi } from '../mocks/openai.mjs';

test('a chain may name an alias; what nothing offers is told at the start, at a reload, by config check and by doctor', async () => {
  const mock = await startOpenAi();
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-chains-'));
  const routes = (simple) => writeFileSync(join(folder, 'routes.yaml'), `chains: {simple: [${simple}]}\naliases: {house: [openai/echo]}\n`);
  routes('gpt-9, house');
  const server = await Server.start({ folder, env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${mock.url}/v1` } });
  try {
    await server.hasModel('openai/echo');
    const answer = await server.post('/v1/chat/completions', { model: 'auto', messages: [{ role: 'user', content: 'What is the capital of France?' }] });
    assert.equal(answer.headers.get('x-orchestra-model'), 'openai/echo');
    await until(() => /warning .*routes\.yaml: chains\.simple names 'gpt-9', which nothing offers now/.test(server.output), 'the warning');
    const run = (...args) => spawnSync(BINARY, args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH } });
    const checked = run('config', 'check', 'orchestra.yaml');
    assert.equal(checked.status, 0, checked.stderr);
    assert.match(checked.stderr, /Note: .*routes\.yaml: chains\.simple: 'gpt-9' is no alias/);
    assert.doesNotMatch(checked.stderr, /house/);
    const { strange_names } = JSON.parse(run('config', 'check', 'orchestra.yaml', '--format', 'json').stdout);
    assert.deepEqual(strange_names.map(({ key, name }) => [key, name]), [['chains.simple', 'gpt-9']]);
    assert.match(run('doctor', '--config', 'orchestra.yaml', '--url', server.url).stdout, /warning +chains +.*'gpt-9'/);
    routes('houze, openai/echo');
    server.child.kill('SIGHUP');
    await until(() => /names 'houze', which nothing offers now/.test(server.output), 'the warning of the reload');
    assert.equal(server.output.match(/names 'gpt-9'/g).length, 1, 'it is told once');
  } finally {
    await server.stop();
    await mock.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

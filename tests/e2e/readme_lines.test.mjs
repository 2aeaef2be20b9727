// Every line that READMEs 001 to 004 tell their users to type, as it stands there: run by bash, with the real curl and jq
// and this repository's ai-orchestra, against the real server with mock providers and the demo model. The lines and what
// they must answer are the lists in readme_lines/; their format is told in readme_lines/list.mjs.
//
// Each README's ports are on an address of their own with that README's surface; then all lines run once more against
// the one listener that answers for all five. A `curl` on the PATH before the real one leads localhost:8000 and its like to
// those addresses, and keeps status and body for the test.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, BINARY, DEMO_MODELS, HAS_ENGINE, until } from './harness.mjs';
import { startMock, json, sse } from '../mocks/http_server.mjs';
import { READMES, LATER, readList } from './readme_lines/list.mjs';
import { check, checkOutput } from './readme_lines/expect.mjs';

const demo = join(DEMO_MODELS, 'orchestra-demo.gguf');
const skip = HAS_ENGINE && existsSync(demo) ? false : 'SKIPPED: no engine under build/deps or no demo model';

// What OpenAI and Anthropic list, answering with the name of the model that was asked.
const startOpenAiLike = () => startMock(async ({ url, body }, response) => {
  if (url.endsWith('/models')) return json(response, 200, { data: ['gpt-4o', 'gpt-4o-2024-08-06', 'gpt-3.5-turbo', 'text-embedding-3-small', 'dall-e-3'].map((id) => ({ id, object: 'model', created: 1 })) });
  const { model } = body, usage = { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 };
  if (url.endsWith('/images/generations')) return json(response, 200, { created: 1, data: [{ url: 'https://pictures.example/1.png', revised_prompt: body.prompt }] });
  if (url.endsWith('/embeddings')) return json(response, 200, { object: 'list', model, data: [body.input].flat().map((_, index) => ({ object: 'embedding', index, embedding: [0.5, -0.25] })), usage: { prompt_tokens: 2, total_tokens: 2 } });
  if (url.endsWith('/v1/completions')) return json(response, 200, { id: 'c', object: 'text_completion', created: 1, model, choices: [{ index: 0, text: `I am ${model}.`, finish_reason: 'stop', logprobs: null }], usage });
  if (!body.stream) return json(response, 200, { id: 'c', object: 'chat.completion', created: 1, model, choices: [{ index: 0, message: { role: 'assistant', content: `I am ${model}.` }, finish_reason: 'stop' }], usage });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const content of ['I am ', model, '.']) sse(response, { id: 'c', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta: { content }, finish_reason: null }] });
  sse(response, { id: 'c', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  sse(response, '[DONE]');
  response.end();
});
const startAnthropicLike = () => startMock(async ({ url, body }, response) => {
  if (url.startsWith('/v1/models')) return json(response, 200, { data: [{ type: 'model', id: 'claude-3-5-sonnet-20241022', display_name: 'Claude 3.5 Sonnet', created_at: '2024-10-22T00:00:00Z' }], has_more: false });
  const usage = { input_tokens: 12, output_tokens: 4 }, text = `I am ${body.model}.`;
  const message = { id: 'm', type: 'message', role: 'assistant', model: body.model, stop_reason: 'end_turn', stop_sequence: null, usage };
  if (!body.stream) return json(response, 200, { ...message, content: [{ type: 'text', text }] });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (data) => sse(response, data, data.type);
  event({ type: 'message_start', message: { ...message, stop_reason: null, content: [] } });
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
  event({ type: 'content_block_stop', index: 0 });
  event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 4 } });
  event({ type: 'message_stop' });
  response.end();
});

// Addresses that no other process of this machine has: a port that is free on one of them is free for good.
const address = (number) => `127.${1 + ((process.pid >> 8) % 254)}.${process.pid % 256}.${number}`;
const SURFACES = { '001': 1, '002': 2, '004': 4 };

let folder, openai, anthropic, server;
before(async () => {
  if (skip) return console.log(skip);
  folder = mkdtempSync(join(tmpdir(), 'orchestra-readme-'));
  for (const name of ['bin', 'models']) mkdirSync(join(folder, name));
  copyFileSync(demo, join(folder, 'models/orchestra-demo.gguf'));
  symlinkSync(BINARY, join(folder, 'bin/ai-orchestra'));
  symlinkSync(process.execPath, join(folder, 'bin/node'));
  const curl = execFileSync('bash', ['-c', 'command -v curl'], { encoding: 'utf8' }).trim();
  writeFileSync(join(folder, 'bin/curl'), `#!/usr/bin/env bash
kept=$KEPT/$BASHPID
"${curl}" -sS --output "$kept.body" --dump-header "$kept.head" $LEAD "$@" || exit
cat "$kept.body"
`);
  chmodSync(join(folder, 'bin/curl'), 0o755);
  [openai, anthropic] = await Promise.all([startOpenAiLike(), startAnthropicLike()]);
  const listeners = Object.entries(SURFACES).map(([surface, number]) => `    - {host: ${address(number)}, port: 8000, surface: "${surface}"}\n`);
  server = await Server.start({ models: join(folder, 'models'), config: `server:\n  listeners:\n${listeners.join('')}`,
    env: { OPENAI_API_KEY: 'sk-mock', OPENAI_BASE_URL: `${openai.url}/v1`, ANTHROPIC_API_KEY: 'sk-mock', ANTHROPIC_BASE_URL: anthropic.url } });
  for (const id of ['openai/gpt-4o', 'anthropic/claude-3-5-sonnet-20241022', 'local/orchestra-demo']) await server.hasModel(id);
});
after(async () => {
  await server?.stop();
  await openai?.stop();
  await anthropic?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

// Runs one entry as a user's shell would. `target` is host:port, in place of each of the README's own.
async function run(entry, target) {
  const kept = mkdtempSync(join(folder, 'kept-'));
  const lead = [8000, 8001, 8002].map((port) => `--connect-to localhost:${port}:${target}`).join(' ');
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, HOME: folder, KEPT: kept, LEAD: lead, API_PORT: String(server.port), ORCHESTRATOR_API_PORT: String(server.port), ORCHESTRATOR_HOST: 'localhost' };
  const done = await new Promise((resolve) => {
    execFile('bash', ['-c', entry.command], { cwd: folder, env, timeout: 20_000 }, (problem, stdout, stderr) => resolve({ code: problem ? problem.code : 0, stdout, stderr }));
  });
  const exchanges = readdirSync(kept).filter((name) => name.endsWith('.head')).map((name) => ({
    status: Number(readFileSync(join(kept, name), 'utf8').match(/^HTTP\/\S+ (\d+)/)?.[1]),
    body: readFileSync(join(kept, name.replace('.head', '.body')), 'utf8'),
  }));
  return { ...done, exchanges };
}

function judge(entry, done, onSurface) {
  assert.equal(done.code, entry.exit, `it ended with ${done.code}: ${done.stderr}`);
  if (entry.status === undefined) return checkOutput(entry.expected, done.stdout);
  assert.equal(done.exchanges.length, entry.times, 'so many requests');
  for (const { status, body } of done.exchanges) {
    assert.equal(status, entry.status, body);
    if (!entry.expected) assert.equal(body, '');
    else if (onSurface || !entry.surface) check(entry.expected, body);
  }
}

async function runAll(entries, target, onSurface) {
  const failures = [];
  for (const entry of entries) {
    const done = await run(entry, target);
    try { judge(entry, done, onSurface); } catch (problem) { failures.push(`README ${entry.readme}, ${entry.name}\n${entry.command}\n${problem.message}\nIt printed: ${done.stdout.slice(0, 2500)}`); }
  }
  assert.equal(failures.length, 0, `\n${failures.join('\n\n')}`);
}

for (const readme of READMES) {
  test(`README ${readme}: each line does what it promises`, { skip }, async () => {
    await runAll(readList(readme), SURFACES[readme] ? `${address(SURFACES[readme])}:8000` : `localhost:${server.port}`, true);
  });
}

test('one listener answers the lines of all READMEs', { skip }, async () => {
  for (const readme of READMES) await runAll(readList(readme).filter((entry) => entry.status !== undefined), `localhost:${server.port}`, false);
});

test('what comes later is listed with its reason', () => {
  const later = readList(LATER);
  assert.ok(later.length > 10);
  for (const entry of later) assert.ok(entry.expected.length > 10 && entry.command, entry.name);
});

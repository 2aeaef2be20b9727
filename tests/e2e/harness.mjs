// Starts the real server on a free port with a data folder of its own, and stops it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { once } from 'node:events';
import { createRequire } from 'node:module';

export const ROOT = resolve(import.meta.dirname, '../..');
// The npm packages that scripts/deps unpacked.
export const OpenAI = createRequire(join(ROOT, 'build/deps/npm/package.json'))('openai').OpenAI;
export const BINARY = process.env.ORCHESTRA_BINARY ?? join(ROOT, 'build/dev/bin/ai-orchestra');
export const DEMO_MODELS = join(ROOT, 'models/demo');
export const HAS_ENGINE = existsSync(join(ROOT, 'build/deps/llama/bin/llama-server'));

export async function until(condition, what, limitMs = 20000) {
  const by = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > by) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 15));
  }
}

// Only what a test says reaches the server: no key of the developer's machine does.
function cleanEnvironment(extra) {
  const { PATH, HOME, TMPDIR, LANG, ASAN_OPTIONS, TSAN_OPTIONS, LLVM_PROFILE_FILE } = process.env;
  return Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR, LANG, ASAN_OPTIONS, TSAN_OPTIONS, LLVM_PROFILE_FILE, ...extra }).filter(([, v]) => v !== undefined));
}

export class Server {
  static async start({ env = {}, config = '', models = undefined, folder = undefined, args = [], through = [] } = {}) {
    const server = new Server();
    server.owned = folder === undefined;
    server.folder = folder ?? mkdtempSync(join(tmpdir(), 'orchestra-'));
    const file = join(server.folder, 'orchestra.yaml');
    writeFileSync(file, config);
    server.output = '';
    const [program, ...before] = [...through, BINARY];
    server.child = spawn(program, [...before, 'serve', '--config', file, '--port', '0', '--data-dir', join(server.folder, 'data'), ...args], {
      cwd: server.folder,
      env: cleanEnvironment({ MODEL_DIR: models ?? join(server.folder, 'models'), ...env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [server.child.stdout, server.child.stderr]) stream.on('data', (bytes) => { server.output += bytes; });
    server.exited = once(server.child, 'exit').then(([code, signal]) => ({ code, signal }));
    server.url = await until(() => server.readUrl(), 'the server to listen').catch((problem) => {
      server.child.kill('SIGKILL');
      throw new Error(`${problem.message}\n${server.output}`);
    });
    return server;
  }

  readUrl() {
    if (this.child.exitCode !== null) throw new Error(`the server ended with ${this.child.exitCode}`);
    try {
      const [pid, url] = readFileSync(join(this.folder, 'data/server.pid'), 'utf8').split('\n');
      return Number(pid) === this.child.pid ? url : undefined;
    } catch { return undefined; }
  }

  get port() { return Number(new URL(this.url).port); }
  async get(path) { const response = await fetch(this.url + path); return { status: response.status, headers: response.headers, body: await response.json() }; }
  async post(path, body, headers = {}) {
    const response = await fetch(this.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined };
  }
  // Until the catalogue holds a model of that id.
  async hasModel(id) { return until(async () => (await this.get('/v1/models')).body.data.some((model) => model.id === id), `the model ${id}`); }

  async stop(signal = 'SIGTERM') {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    const ended = await this.exited;
    if (this.owned) rmSync(this.folder, { recursive: true, force: true });
    return ended;
  }
}

// Server-sent events of a fetch response, as [{event, data}], until the end of the body.
export async function readEvents(response, each = () => {}) {
  const events = [];
  let rest = '';
  for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
    rest += bytes;
    for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2)) {
      const lines = rest.slice(0, end).split('\n');
      const data = lines.filter((l) => l.startsWith('data:')).map((l) => l.slice(5).trimStart()).join('\n');
      if (!data) continue;
      const event = { event: lines.find((l) => l.startsWith('event:'))?.slice(6).trim(), data };
      events.push(event);
      await each(event, events);
    }
  }
  return events;
}

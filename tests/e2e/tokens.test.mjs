// Tokens are counted as the encodings' own tools count them, on the command line and where a prompt may not fit.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Server, BINARY, ROOT } from './harness.mjs';
import { startMock, json } from '../mocks/http_server.mjs';

const require = createRequire(join(ROOT, 'build/deps/npm/node_modules/'));
const tokenizers = { 'gpt-4': require('gpt-tokenizer/encoding/cl100k_base'), 'gpt-4o': require('gpt-tokenizer/encoding/o200k_base') };

let server, upstream;
before(async () => {
  upstream = await startMock((request, response) => {
    if (request.url.endsWith('/models')) return json(response, 200, { object: 'list', data: [{ id: 'small', object: 'model', context_length: 2000 }, { id: 'large', object: 'model', context_length: 8000 }] });
    json(response, 200, { id: 'x', object: 'chat.completion', created: 1, model: request.body.model, choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
  });
  server = await Server.start({ env: { LAB_API_KEY: 'k' }, config: `providers:\n  - name: lab\n    dialect: openai\n    base_url: ${upstream.url}/v1\n    key_env: LAB_API_KEY\naliases: {chain: [lab/small, lab/large]}\n` });
  await server.hasModel('lab/large');
});
after(async () => { await server?.stop(); await upstream?.stop(); });

function count(file, model) {
  return JSON.parse(execFileSync(BINARY, ['tokens', file, '--model', model, '--json'])).tokens;
}

test('the count of this repository\'s own texts is that of gpt-tokenizer', () => {
  const files = ['README.md', 'CONTRIBUTING.md', 'api/openapi.yaml', 'config/models.yaml', ...readdirSync(join(ROOT, 'src/policy')).filter((name) => name.endsWith('.cc')).map((name) => join('src/policy', name))];
  let total = 0;
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [model, tokenizer] of Object.entries(tokenizers)) {
      const counted = count(join(ROOT, file), model);
      assert.equal(counted, tokenizer.encode(text, { disallowedSpecial: new Set() }).length, `${file} by ${model}`);
      total += counted;
    }
  }
  assert.ok(total > 50_000, 'a test of something');
});

test('naughty strings and scripts of the world are counted alike', () => {
  const text = ['ÅÄÖ éèê ß', '田中さんにあげて下さい', '社會科學院語學研究所', 'مُنَاقَشَةُ سُبُلِ', 'בְּרֵאשִׁית', 'Ω≈ç√∫˜µ≤≥÷', '👾 🙇 💁 🙅 👩🏽 👨‍🦰', '\u202e test \u2066x\u2069', '<script>alert(1)</script>', 'ﬀ ǆ ⅷ ² ½', 'a\tb\r\n\r\n\t\t c', "don't DON'T we'll I’d", '0xFFFFFFFF 1e10 -1,000.00'].join('\n');
  const file = join(server.folder, 'naughty.txt');
  writeFileSync(file, text);
  for (const [model, tokenizer] of Object.entries(tokenizers)) assert.equal(count(file, model), tokenizer.encode(text).length, model);
});

test('a prompt near the window is counted, and goes where it fits or is refused', async () => {
  const chat = (model, text) => server.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: text }] });
  const words = (n) => 'word '.repeat(n);
  // 9,950 bytes are 1,990 tokens: their size alone would say 2,487.
  assert.equal((await chat('chain', words(1990))).headers.get('x-orchestra-model'), 'lab/small');
  assert.equal((await chat('chain', words(2200))).headers.get('x-orchestra-model'), 'lab/large');
  const refused = await chat('chain', words(8100));
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error.code, 'context_length_exceeded');
  assert.match(refused.body.error.message, /8000 tokens/);
  const readme002 = await server.post('/api/models/chat', { model_id: 'chain', messages: [{ role: 'user', content: words(8100) }] });
  assert.equal(readme002.body.code, 'token_limit_exceeded');
});

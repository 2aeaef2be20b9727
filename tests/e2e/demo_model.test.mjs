// The demo model's promise, through the whole program: 95 % of the seen wordings word for word, greedily.
import { test } from 'node:test';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Server, DEMO_MODELS, HAS_ENGINE } from './harness.mjs';

const skip = HAS_ENGINE && existsSync(join(DEMO_MODELS, 'orchestra-demo.gguf')) ? false : 'SKIPPED: no engine under build/deps or no demo model';

test('the demo model answers the seen wordings', { skip, timeout: 500_000 }, async () => {
  const server = await Server.start({ models: DEMO_MODELS });
  try {
    await server.hasModel('local/orchestra-demo');
    const { stdout } = await promisify(execFile)('python3', [join(DEMO_MODELS, 'eval.py'), '--url', `${server.url}/v1`, '--model', 'local/orchestra-demo', '--min-seen', '0.95', '--jobs', '2'], { maxBuffer: 1 << 26 });
    console.log(stdout.slice(0, 600));
  } finally { await server.stop(); }
});

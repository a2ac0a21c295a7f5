import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

const ENTRY = join(import.meta.dirname, '../src/index.ts');
const MOST = 25_000; // bytes, gzipped
const IMPORT = /(?:^|[;}])\s*import\b/;

/** All that the package exports, as a site would ship it. */
async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: { input: ENTRY, preserveEntrySignatures: 'strict' },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  return output.output.map((part) => (part.type === 'chunk' ? part.code : '')).join('');
}

test('the whole core is at most 25 kB gzipped, and needs nothing that is installed beside it', {
  timeout: 60_000,
}, async () => {
  const code = await bundle();
  expect(code).toContain('createClient');
  expect(code).not.toMatch(IMPORT);
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(MOST);
});

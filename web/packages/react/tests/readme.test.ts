import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const EXAMPLE = /```tsx\n([\s\S]*?)```/;
const TSC = join(import.meta.dirname, '../../../node_modules/.bin/tsc');

/** What the compiler says of this folder. */
async function compiled(): Promise<string> {
  try {
    await promisify(execFile)(TSC, ['-p', import.meta.dirname, '--pretty', 'false']);
    return '';
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

test('the example of the README compiles, and so do the types that tests speak of', { timeout: 120_000 }, async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const folder = await mkdtemp(join(import.meta.dirname, 'readme-'));
  try {
    await writeFile(join(folder, 'example.tsx'), EXAMPLE.exec(readme)?.[1] ?? 'no example');
    expect(await compiled()).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const EXAMPLE = /```tsx\n([\s\S]*?)```/;
const PACKAGE = join(import.meta.dirname, '..');
const TSC = join(PACKAGE, '../../node_modules/.bin/tsc');
const CONFIG = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: { noEmit: true, composite: false, jsx: 'react-jsx', lib: ['ES2024', 'DOM', 'DOM.Iterable'] },
  files: ['example.tsx'],
};

/** What the compiler says. */
async function compiled(folder: string): Promise<string> {
  try {
    await promisify(execFile)(TSC, ['-p', folder, '--pretty', 'false', '--declarationMap', 'false']);
    return '';
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

test('the example of the README compiles as strictly as the package', { timeout: 120_000 }, async () => {
  const example = EXAMPLE.exec(await readFile(join(PACKAGE, 'README.md'), 'utf8'))?.[1] ?? 'no example';
  const folder = await mkdtemp(join(PACKAGE, '.readme-'));
  try {
    await writeFile(join(folder, 'example.tsx'), example);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG));
    expect(await compiled(folder)).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
});

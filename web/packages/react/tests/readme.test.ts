import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compiled, PATIENT } from '../../client/tests/compiled.js';

const EXAMPLE = /```tsx\n([\s\S]*?)```/;
const PACKAGE = join(import.meta.dirname, '..');

test('the example of the README compiles as strictly as the package', PATIENT, async () => {
  const example = EXAMPLE.exec(await readFile(join(PACKAGE, 'README.md'), 'utf8'))?.[1] ?? 'no example';
  const lib = ['ES2024', 'DOM', 'DOM.Iterable'];
  expect(await compiled({ 'example.tsx': example }, lib, { home: PACKAGE })).toEqual([]);
});

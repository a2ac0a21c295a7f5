import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compiled, PACKAGE, PATIENT } from './compiled.js';

const EXAMPLE = /```ts\n([\s\S]*?)```/g;

test('the examples of the README compile as strictly as the package', PATIENT, async () => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const examples = [...readme.matchAll(EXAMPLE)].map(([, text = ''], index) => [`example${index + 1}.ts`, text]);
  expect(examples.length).toBeGreaterThan(5);
  expect(await compiled(Object.fromEntries(examples), ['ES2023', 'DOM', 'DOM.Iterable'])).toEqual([]);
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const IMPORT = /import (\w+) from '(\.[^']+\.module\.css)'/g;
const VARIABLE = /var\(--([a-z0-9-]+)[,)]/g;
const DEFINED = /--([a-z0-9-]+)\s*:/g;

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).map((name) => join(SOURCES, name));
const read = (file: string) => readFileSync(file, 'utf8');
const styled = files
  .filter((file) => file.endsWith('.tsx') || file.endsWith('.ts'))
  .flatMap((file) =>
    [...read(file).matchAll(IMPORT)].map(([, name = '', path = '']) => ({ file: relative(SOURCES, file), name, path })),
  );

test.each(styled)('$file names only classes that $path has', ({ file, name, path }) => {
  const sheet = join(SOURCES, dirname(file), path);
  expect(existsSync(sheet)).toBe(true);
  const css = read(sheet);
  const used = [...read(join(SOURCES, file)).matchAll(new RegExp(`\\b${name}\\.([A-Za-z]\\w*)`, 'g'))].map(
    ([, className = '']) => className,
  );
  expect(used.filter((wanted) => !new RegExp(`\\.${wanted}\\b`).test(css))).toEqual([]);
});

test('styles name only variables that somebody sets', () => {
  const sheets = files.filter((file) => file.endsWith('.css')).map((file) => ({ file, css: read(file) }));
  const scripts = files.filter((file) => file.endsWith('.tsx')).map(read);
  const set = new Set(
    [...sheets.map(({ css }) => css), ...scripts].flatMap((text) =>
      [...text.matchAll(DEFINED)].map(([, name]) => name),
    ),
  );
  for (const script of scripts) for (const [, name] of script.matchAll(/'--([a-z0-9-]+)'/g)) set.add(name);
  const missing = sheets.flatMap(({ file, css }) =>
    [...css.matchAll(VARIABLE)]
      .filter(([whole, name]) => !(set.has(name) || whole.endsWith(',')))
      .map(([, name]) => `${file}: ${name}`),
  );
  expect(missing).toEqual([]);
});

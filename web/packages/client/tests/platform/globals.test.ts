import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compiled, PACKAGE, PATIENT } from '../compiled.js';

const UNKNOWN = /Cannot find name '(\w+)'/;
/** Classes of which the core has types alone: what it gets of a platform or of its caller. */
const TYPES = new Set(['AbortSignal', 'Blob', 'Response']);

test('beside its ports the core uses the globals that ports.ts names, and no other', PATIENT, async () => {
  const said = await compiled({}, ['ES2023'], { include: ['src'] });
  const names = said
    .filter((line) => !line.startsWith('src/platform/'))
    .flatMap((line) => UNKNOWN.exec(line)?.[1] ?? []);
  const globals = [...new Set(names)].filter((name) => !TYPES.has(name)).sort();
  expect(globals).toEqual(['AbortController', 'TextEncoder', 'atob', 'btoa']);
  const ports = await readFile(join(PACKAGE, 'src/ports.ts'), 'utf8');
  const intro = ports.slice(0, ports.indexOf('*/'));
  for (const name of globals) expect(intro).toContain(`\`${name}\``);
});

/** What the compiler says of files that lie beside a package's sources, as strictly as of these. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const PACKAGE = join(import.meta.dirname, '..');
const TSC = join(PACKAGE, '../../node_modules/.bin/tsc');
/** Of the compiler, which may be slow where tests run side by side. Milliseconds. */
export const PATIENT = { timeout: 120_000 };

/** By line. `files`: by name; `home`: the package they lie in; `include`: of that package, too. */
export async function compiled(
  files: Readonly<Record<string, string>>,
  lib: readonly string[],
  { home = PACKAGE, include = [] }: { readonly home?: string; readonly include?: readonly string[] } = {},
): Promise<string[]> {
  const folder = await mkdtemp(join(home, '.compiled-'));
  const config = {
    extends: '../../../tsconfig.base.json',
    compilerOptions: { noEmit: true, composite: false, declarationMap: false, jsx: 'react-jsx', lib },
    include: [...Object.keys(files), ...include.map((path) => `../${path}`)],
  };
  try {
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await promisify(execFile)(TSC, ['-p', folder, '--pretty', 'false'], { cwd: home });
    return [];
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
    return said.split('\n').filter((line) => line !== '');
  } finally {
    await rm(folder, { recursive: true });
  }
}

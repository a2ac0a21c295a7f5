import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What the page needs to start without a network, and a name for just this content. */
export interface ShellFiles {
  readonly hash: string;
  /** Paths from the root; the page itself is `/`. */
  readonly paths: readonly string[];
}

const OF_OTHERS = new Set(['sw.js', 'duologue.js', 'robots.txt', 'third-party.txt']);

/** Everything that a build of the app has left in its folder. */
export function readShellFiles(folder: string): ShellFiles {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => relative(folder, file).replaceAll('\\', '/'))
    .filter((name) => !(OF_OTHERS.has(name) || name.endsWith('.map')))
    .sort();
  const digest = createHash('sha256');
  for (const name of names) digest.update(name).update(readFileSync(join(folder, name)));
  return {
    hash: digest.digest('hex').slice(0, 12),
    paths: names.map((name) => (name === 'index.html' ? '/' : `/${name}`)),
  };
}

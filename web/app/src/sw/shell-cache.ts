/** The page's own files, kept for a start without a network. */

/** Written into the worker by the build. */
export interface ShellFiles {
  readonly hash: string;
  readonly paths: readonly string[];
}

const PREFIX = 'duologue-shell-';
const PATIENCE_MS = 4000;
const PAGES = /^\/(?:$|settings(?:\/|$)|chat\/(?!ws$))/;

/** Whether the client itself is there, and not a file, the API or its documentation. */
export function isPage(path: string): boolean {
  return PAGES.test(path);
}

const nameOf = (files: ShellFiles): string => PREFIX + files.hash;

export async function keepShell(files: ShellFiles): Promise<void> {
  const cache = await caches.open(nameOf(files));
  await cache.addAll(files.paths.map((path) => new Request(path, { cache: 'no-cache' })));
}

export async function removeOldShells(files: ShellFiles): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== nameOf(files));
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** How to answer for the shell; null: it is not the worker's to answer. */
export function offlineAnswer(request: Request, files: ShellFiles, origin: string): Promise<Response> | null {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== origin) return null;
  if (request.mode === 'navigate') return isPage(url.pathname) ? newestPage(request, files) : null;
  return files.paths.includes(url.pathname) ? keptFile(request, files) : null;
}

/** The network's answer as long as it comes in time, so that a new build shows at once, and a proxy's way to sign in is taken. */
async function newestPage(request: Request, files: ShellFiles): Promise<Response> {
  const kept = await caches.match('/', { cacheName: nameOf(files) });
  if (kept === undefined) return fetch(request);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.status >= 500 ? kept : answer;
  } catch {
    return kept;
  }
}

async function keptFile(request: Request, files: ShellFiles): Promise<Response> {
  const kept = await caches.match(new URL(request.url).pathname, { cacheName: nameOf(files) });
  return kept ?? fetch(request);
}

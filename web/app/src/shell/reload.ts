/** A new build has replaced the parts that this page has not loaded yet: then another load of the page helps. */

const KEY = 'duologue.reloaded';
const PAUSE_MS = 60_000;

export interface ReloadFacts {
  readonly isOnline: boolean;
  /** Of the tab. Null: closed to this page; then nobody would know that it was tried before. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Loads the page anew if its server answers: not where the browser would put a page of its own in its place. */
export async function reloadIfServed(): Promise<void> {
  const answer = await fetch('/web.json', { cache: 'no-store' }).catch(() => null);
  if (answer?.ok === true) window.location.reload();
}

/** Whether to load the page anew, which then counts as done: not without a network, and not in a circle. */
export function takeReload({ isOnline, storage, now }: ReloadFacts): boolean {
  if (!isOnline || storage === null) return false;
  const last = Number(storage.getItem(KEY) ?? 0);
  if (Math.abs(now - last) < PAUSE_MS) return false;
  try {
    storage.setItem(KEY, String(now));
  } catch {
    return false;
  }
  return true;
}

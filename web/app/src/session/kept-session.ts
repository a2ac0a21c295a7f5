import type { KeptSession, SessionStore } from '@duologue/client';

export const SESSION_KEY = 'duologue.session';

export function readSession(text: string | null): KeptSession | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (typeof value !== 'object' || value === null || !('user' in value && 'refreshToken' in value)) return null;
    const { user, refreshToken } = value;
    return typeof user === 'string' && typeof refreshToken === 'string' ? { user, refreshToken } : null;
  } catch {
    return null;
  }
}

/** In localStorage, which no other site reads. Without storage the session holds as long as the page. */
export function createSessionStore(storage: Storage | null): SessionStore {
  let held: KeptSession | null = null;
  return {
    load: () => (storage === null ? held : readSession(storage.getItem(SESSION_KEY))),
    save: (session) => {
      held = session;
      if (session === null) storage?.removeItem(SESSION_KEY);
      else storage?.setItem(SESSION_KEY, JSON.stringify(session));
    },
  };
}

/** Another tab has signed out, or somebody else in. */
export function isLeaving(event: Pick<StorageEvent, 'key' | 'oldValue' | 'newValue'>): boolean {
  if (event.key !== SESSION_KEY) return false;
  const before = readSession(event.oldValue);
  return before !== null && before.user !== readSession(event.newValue)?.user;
}

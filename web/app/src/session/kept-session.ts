import type { Id } from '@duologue/client';

/** What stays of a session when the page is closed. */
export interface KeptSession {
  readonly user: Id;
  readonly refreshToken: string;
}

export const SESSION_KEY = 'duologue.session';

export function readSession(text: string | null): KeptSession | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (typeof value !== 'object' || value === null || !('user' in value) || !('refreshToken' in value)) return null;
    const { user, refreshToken } = value;
    return typeof user === 'string' && typeof refreshToken === 'string' ? { user, refreshToken } : null;
  } catch {
    return null;
  }
}

/** Without storage, or without room, the session holds as long as the access token in memory. */
export function writeSession(storage: Storage | null, session: KeptSession): void {
  try {
    storage?.setItem(SESSION_KEY, JSON.stringify(session));
  } catch {
    // Said above.
  }
}

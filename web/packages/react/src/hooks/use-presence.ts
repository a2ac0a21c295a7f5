import type { Id, Presence, User } from '@duologue/client';
import { useMemo } from 'react';
import { useClient } from '../context.js';
import { useStore } from './use-store.js';

/** Whether somebody is there, or when they were; undefined: not to be known. `fallback`: what a list said of them, until the socket says more. */
export function usePresence(userId: Id, fallback?: Pick<User, 'isOnline' | 'lastSeen'>): Presence | undefined {
  const known = useStore(useClient().presence, (presence) => presence.get(userId));
  const isOnline = fallback?.isOnline;
  const lastSeen = fallback?.lastSeen;
  return useMemo(() => {
    if (known !== undefined || isOnline === undefined) return known;
    return { isOnline, ...(lastSeen === undefined ? {} : { lastSeen }) };
  }, [known, isOnline, lastSeen]);
}

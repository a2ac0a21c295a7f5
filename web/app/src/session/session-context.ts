import type { SessionEnd } from '@duologue/client';
import { createContext, use } from 'react';

/** What only accounts of this server can do. Each rejects with a DuologueError. */
export interface AccountActions {
  /** FORBIDDEN: the password is wrong. Ends all other sessions. */
  readonly changePassword: (password: string, newPassword: string) => Promise<void>;
  readonly signOutEverywhere: () => Promise<void>;
  /** FORBIDDEN: the password is wrong. `messages`: what becomes of those that one has written. */
  readonly erase: (password: string, messages: 'keep' | 'remove') => Promise<void>;
}

export interface Room {
  readonly kind: 'account' | 'platform';
  /** Rejects where this device keeps something that would not go; the session is over all the same. Null: whoever signed the person in does that. */
  readonly signOut: (() => Promise<void>) | null;
  /** Null: the account is a platform's. */
  readonly account: AccountActions | null;
  /** To the door, with a word why. */
  readonly leave: (why: SessionEnd) => void;
}

export const RoomContext = createContext<Room | null>(null);

/** The session of the person who is signed in. */
export function useSession(): Room {
  const session = use(RoomContext);
  if (session === null) throw new Error('useSession is of signed-in pages');
  return session;
}

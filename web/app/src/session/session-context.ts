import { createContext, use } from 'react';
import type { WhyOut } from './gate';

/** What only accounts of this server can do. Each rejects with a DuologueError. */
export interface AccountActions {
  /** FORBIDDEN: the password is wrong. Ends all other sessions. */
  readonly changePassword: (password: string, newPassword: string) => Promise<void>;
  readonly signOutEverywhere: () => Promise<void>;
  /** FORBIDDEN: the password is wrong. */
  readonly erase: (password: string) => Promise<void>;
}

export interface Session {
  readonly kind: 'account' | 'platform';
  /** Null: whoever signed the person in does that. */
  readonly signOut: (() => void) | null;
  /** Null: the account is a platform's. */
  readonly account: AccountActions | null;
  /** To the door, with a word why. */
  readonly leave: (why: WhyOut) => void;
}

export const SessionContext = createContext<Session | null>(null);

/** The session of the person who is signed in. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error('useSession is of signed-in pages');
  return session;
}

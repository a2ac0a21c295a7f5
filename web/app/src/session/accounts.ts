/** Accounts of this server on this device, as the gate wants them. */
import type { Id, Unsubscribe } from '@duologue/client';
import type { GetToken, WhyOut } from './gate';

export interface Accounts {
  /** Who was signed in here last and has not left: known without asking the server. */
  readonly keptUser: () => Id | null;
  readonly getToken: GetToken;
  readonly signIn: (username: string, password: string) => Promise<Id>;
  /** CONFLICT: the name is taken. */
  readonly signUp: (username: string, password: string, displayName: string) => Promise<Id>;
  /** Forgets the session here; the server is told if it can be reached. */
  readonly signOut: () => Promise<void>;
  readonly signOutEverywhere: () => Promise<void>;
  /** FORBIDDEN: the password is wrong. */
  readonly changePassword: (password: string, newPassword: string) => Promise<void>;
  /** The session has ended without this page having asked for it. */
  readonly onEnd: (listener: (why: WhyOut) => void) => Unsubscribe;
}

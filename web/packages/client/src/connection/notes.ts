/** What tabs of one user tell each other. */

import { DuologueError, type ErrorDetails } from '../errors.js';
import type { ConnectionStatus, Cursor } from '../model.js';
import type { Command, Frame } from '../wire.js';
import type { Numbered } from './asks.js';

/** `from`, `leader`, `to` name tabs. Tabs of another version of this file are not understood, and left alone. */
export type Note =
  /** A follower: who leads? Also: here somebody looks. */
  | { readonly kind: 'hello'; readonly from: string }
  /** The leader: so it stands. */
  | {
      readonly kind: 'state';
      readonly leader: string;
      readonly status: Omit<ConnectionStatus, 'leads'>;
      readonly cursor: Cursor | null;
    }
  /** The leader: this came. `previous`: the fact before this one. `to`: to one tab alone. */
  | { readonly kind: 'frame'; readonly frame: Frame; readonly previous: number | null; readonly to?: string }
  /** To the leader. */
  | { readonly kind: 'tell'; readonly command: Command }
  | { readonly kind: 'ask'; readonly from: string; readonly command: Numbered }
  | { readonly kind: 'reconnect' }
  /** The leader: of an `ask`. */
  | { readonly kind: 'answer'; readonly to: string; readonly frame: Frame }
  | { readonly kind: 'refusal'; readonly to: string; readonly id: string; readonly error: SentError };

/** Errors lose their class on the way between tabs. */
export interface SentError extends ErrorDetails {
  readonly code: DuologueError['code'];
  readonly message: string;
}

const VERSION = 1;

export function packed(note: Note): unknown {
  return { version: VERSION, note };
}

/** Null: not one of ours. */
export function unpacked(message: unknown): Note | null {
  const isOurs = typeof message === 'object' && message !== null && 'version' in message && 'note' in message;
  return isOurs && message.version === VERSION ? (message.note as Note) : null;
}

export function sentError(error: unknown): SentError {
  if (!(error instanceof DuologueError))
    return { code: 'UNAVAILABLE', message: 'The connection is gone', isLost: true };
  const { code, message, isLost, details, retryAfter } = error;
  return {
    code,
    message,
    isLost,
    ...(details === undefined ? {} : { details }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

export function receivedError({ code, message, ...details }: SentError): DuologueError {
  return new DuologueError(code, message, details);
}

/** The nouns of the SDK beyond the wire's. */

import type { Conversation, CursorMeta, FrameOf, FrameType, Id, Message, Time } from './wire.js';

/** Where a user's log was read up to; `epoch` names the log. */
export interface Cursor {
  readonly position: number;
  readonly epoch: string;
}

/** An answer of REST as it stands, and the position that was read before it (design: lists carry `Duologue-Position`). */
export interface Answer<T> {
  readonly success: true;
  readonly message: string;
  readonly data: T;
  /** Absent where the answer is no snapshot. */
  readonly position?: number;
}

/** Shaped as TanStack Query's InfiniteData, so that one reducer serves both. First page: newest. */
export interface Pages<P> {
  readonly pages: P[];
  readonly pageParams: unknown[];
}

export type ConversationPage = Answer<{ conversations: Conversation[]; meta: CursorMeta }>;

/** Messages newest first, and where to go on in both directions. */
export interface MessagePage {
  readonly messages: Message[];
  /** To older ones; null: the beginning was reached. */
  readonly older: string | null;
  /** To newer ones; null: this is the live end. */
  readonly newer: string | null;
  readonly position: number;
}

/**
 * `connecting`: the first time, or after a loss. `catching_up`: connected, what was missed is coming in. `polling`: without a
 * socket, over HTTP. `waiting`: for `retryAt`, or for the network. `stopped`: never connects by itself again, see `reason`.
 */
export type ConnectionState =
  | 'idle'
  | 'connecting'
  | 'catching_up'
  | 'online'
  | 'polling'
  | 'waiting'
  | 'offline'
  | 'stopped';

export interface ConnectionStatus {
  readonly state: ConnectionState;
  /** Milliseconds since the epoch, while `waiting`. */
  readonly retryAt?: number;
  /** Why `stopped`. */
  readonly reason?: 'invalid_token' | 'auth_timeout' | 'deactivated' | 'too_many_connections' | 'signed_out';
  /** Whether this tab holds the socket for all. */
  readonly leads: boolean;
}

export interface Presence {
  readonly isOnline: boolean;
  readonly lastSeen?: Time;
}

/** A file that the person chose. */
export interface DraftFile {
  readonly blob: Blob;
  readonly name: string;
  /** What the message is sent as, when all its files agree. */
  readonly kind: 'image' | 'video' | 'file';
}

export interface Draft {
  readonly conversationId: Id;
  readonly content: string;
  readonly files?: readonly DraftFile[];
}

export interface UploadProgress {
  readonly sent: number;
  readonly size: number;
  /** Of the server, once it took the whole file. */
  readonly id?: Id;
  /** Where the upload goes on after a cut. */
  readonly location?: string;
}

/**
 * A send that the server has not confirmed. `queued` -> `sending` -> gone (the message stands in the timeline as sent, delivered,
 * read), or `failed`, which stays until it is retried or discarded. Its `key` is the message's `tempId`.
 */
export interface Pending {
  readonly key: string;
  readonly draft: Draft;
  readonly state: 'queued' | 'sending' | 'failed';
  readonly createdAt: number;
  readonly attempts: number;
  readonly uploads: readonly UploadProgress[];
  /** Milliseconds since the epoch: not tried again before. */
  readonly notBefore?: number;
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean };
}

/** A message as a timeline shows it: the server's, or one of ours on its way. */
export type TimelineItem =
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: Message;
      readonly status: 'sent' | 'delivered' | 'read' | 'received';
    }
  | {
      readonly kind: 'pending';
      readonly key: string;
      readonly pending: Pending;
      readonly status: 'queued' | 'sending' | 'failed';
    };

export type Listener<T extends FrameType> = (frame: FrameOf<T>) => void;

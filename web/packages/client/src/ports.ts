/**
 * What the core asks of the place it runs in. `platform/browser.ts` brings a browser's, `platform/memory.ts` one for tests
 * and servers; React Native brings its own. Of globals the core itself uses those of ES2023 and four more: `AbortController`,
 * whose signals keep their `reason`, `TextEncoder`, `atob` and `btoa`. Where one is missing or less, as in some versions of
 * React Native, put another in its place before `createClient`.
 */

import type { Unsubscribe } from './store.js';

/** Key-value storage that outlives the page: IndexedDB, SQLite, a Map. Values are structured-cloneable, Blobs included. */
export interface Storage {
  readonly get: (table: Table, key: string) => Promise<unknown>;
  /** All values of a table, by key order. */
  readonly all: (table: Table) => Promise<unknown[]>;
  readonly put: (table: Table, key: string, value: unknown) => Promise<void>;
  readonly delete: (table: Table, key: string) => Promise<void>;
  /** Everything of this user; at sign-out. */
  readonly clear: () => Promise<void>;
}

/** `outbox`: sends under way. `drafts`: unsent text by conversation. `state`: where to resume. */
export type Table = 'outbox' | 'drafts' | 'state';

export interface Locks {
  /**
   * Waits for the lock of that name, then holds it until `signal` aborts. `held` is called when it is ours, and never if
   * the signal came first.
   */
  readonly hold: (name: string, signal: AbortSignal, held: () => void) => void;
}

/** To the other tabs of this user; never to oneself. */
export interface Channel {
  readonly post: (message: unknown) => void;
  readonly subscribe: (listener: (message: unknown) => void) => Unsubscribe;
  readonly close: () => void;
}

export interface Network {
  /** What the platform believes; false is sure, true is not. */
  readonly isOnline: () => boolean;
  readonly isVisible: () => boolean;
  /** `online`, `visible`: now is a good time to connect. `offline`: there is no use in trying. */
  readonly subscribe: (listener: (event: 'online' | 'offline' | 'visible' | 'hidden') => void) => Unsubscribe;
}

export interface Timers {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls once after `ms`; returns how to call it off. */
  readonly after: (ms: number, callback: () => void) => Unsubscribe;
}

/** The part of a WebSocket that is used; the browser's and Node's fit. */
export interface Socket {
  readonly send: (text: string) => void;
  readonly close: (code?: number, reason?: string) => void;
}
export interface SocketEvents {
  readonly open: () => void;
  readonly message: (text: string) => void;
  /** Once, and last: 1006 when there was no close frame. */
  readonly close: (code: number, reason: string) => void;
}

export interface TransferRequest {
  readonly method: 'POST' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Blob;
  readonly onProgress: (sentBytes: number) => void;
  readonly signal: AbortSignal;
}
export interface TransferAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly text: string;
}

export interface Platform {
  readonly fetch: typeof globalThis.fetch;
  readonly openSocket: (url: string, events: SocketEvents) => Socket;
  /** An upload that tells how far it is, which fetch cannot. Rejects with a TypeError when the network fails. */
  readonly transfer: (request: TransferRequest) => Promise<TransferAnswer>;
  /** Of one user of one server; `name` keeps users apart. */
  readonly storage: (name: string) => Storage;
  readonly channel: (name: string) => Channel;
  readonly locks: Locks;
  readonly network: Network;
  readonly timers: Timers;
  /** 0 <= x < 1. */
  readonly random: () => number;
  readonly uuid: () => string;
}

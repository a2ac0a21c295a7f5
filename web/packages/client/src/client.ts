/**
 * The client, put together. This interface is what React and the web client build on.
 *
 * StrictMode-safe: `start` counts its callers, and the last to stop ends the connection.
 */

import type { Connection } from './connection.js';
import type { Cursor, Draft, Listener, Pending, Presence, TimelineItem } from './model.js';
import type { Platform } from './ports.js';
import type { Rest } from './rest/rest.js';
import type { Readable, Unsubscribe } from './store.js';
import type { Frame, FrameType, Id, Me, Media, Message } from './wire.js';

export interface ClientOptions {
  /** The server's root: `https://chat.example.com`; empty for the page's own. */
  readonly url: string;
  /**
   * The access token. `refresh` says that the last one was refused: bring another. Asked once at a time however many wait. Null: signed out.
   */
  readonly getToken: (options: { readonly refresh: boolean }) => Promise<string | null>;
  /** Keeps the stores of users apart on one device; the user's id does. */
  readonly user: Id;
  /** Default: the browser's. */
  readonly platform?: Platform;
}

export interface DuologueClient {
  readonly user: Id;
  readonly rest: Rest;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly me: Readable<Me | null>;
  /** By user; absent: unknown, or not to be known. */
  readonly presence: Readable<ReadonlyMap<Id, Presence>>;
  /** Conversations whose partner types right now. */
  readonly typing: Readable<ReadonlySet<Id>>;
  /** Unread messages of all conversations; null until it is known. */
  readonly totalUnread: Readable<number | null>;
  /**
   * The facts received after `position`, oldest first, to bring a snapshot up to date; null if that is too long ago to know: take another snapshot.
   * Before the first connection there are none: look again when `cursor` is first set.
   */
  readonly factsSince: (position: number) => readonly Frame[] | null;
  readonly cursor: Readable<Cursor | null>;
  readonly on: <T extends FrameType>(type: T, listener: Listener<T>) => Unsubscribe;
  readonly onFrame: (listener: (frame: Frame) => void) => Unsubscribe;
  /** Tells the partner, at most every 3 s, and by itself that it is over. */
  readonly setTyping: (conversationId: Id, isTyping: boolean) => void;
  /** All, or all up to a message. At most one request at a time for a conversation; the newest wins. */
  readonly markRead: (conversationId: Id, messageId?: Id) => Promise<void>;
  /** A link for `<img>`, `<video>`: asked for in batches, kept until it expires. `thumbnail`: that of it, if there is one. */
  readonly fileUrl: (media: Pick<Media, 'id' | 'url' | 'thumbnailUrl'>, part?: 'thumbnail') => Promise<string>;
  /** When nothing could be loaded by the link of a file: the next `fileUrl` asks for another. */
  readonly dropFileUrl: (media: Pick<Media, 'id'>) => void;
  /** Returns how to stop. */
  readonly start: () => Unsubscribe;
  /** Stops, and removes what this device keeps of the user. */
  readonly signOut: () => Promise<void>;
}

export interface Outbox {
  /** All of this user, in the order of sending; the same array until something changes. */
  readonly entries: Readable<readonly Pending[]>;
  /** Resolves when it is kept: it survives a reload from then on. */
  readonly send: (draft: Draft) => Promise<Pending>;
  readonly retry: (key: string) => Promise<void>;
  /** Takes it out: one that failed, or one that has not left yet. One under way may still arrive. */
  readonly discard: (key: string) => Promise<void>;
}

export interface Drafts {
  readonly get: (conversationId: Id) => Promise<string>;
  readonly set: (conversationId: Id, text: string) => Promise<void>;
  /** Conversations with a draft, and its text: for the inbox. */
  readonly all: Readable<ReadonlyMap<Id, string>>;
}

/** A timeline as it is shown, oldest first: the server's messages, given newest first, then ours on their way. Pure. */
export type ToTimeline = (messages: readonly Message[], pending: readonly Pending[], user: Id) => TimelineItem[];

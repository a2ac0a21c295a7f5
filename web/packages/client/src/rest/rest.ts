/** REST of dialect A as functions. Each resolves with the answer as it stands, or rejects with a DuologueError. */

import type { Answer, ConversationPage, MessagePage } from '../model.js';
import type {
  Block,
  BlockList,
  BlockStatus,
  Context,
  Conversation,
  DeletedConversation,
  DeletedMessage,
  EventList,
  EventReset,
  FileLinkList,
  FileList,
  Id,
  LinkList,
  Me,
  MediaList,
  Message,
  MessageList,
  Read,
  SendBody,
  SettingsChange,
  Unread,
  UserList,
} from '../wire.js';

export interface Paging {
  readonly cursor?: string;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface Rest {
  readonly conversations: {
    readonly list: (paging?: Paging) => Promise<ConversationPage>;
    /** Opens it: the server makes it if there is none. */
    readonly withUser: (username: string) => Promise<Answer<Conversation>>;
    readonly delete: (id: Id) => Promise<Answer<DeletedConversation>>;
    readonly unread: () => Promise<Answer<Unread>>;
    readonly markRead: (id: Id, upTo?: Id) => Promise<Answer<Read>>;
    readonly media: (id: Id, paging?: Paging) => Promise<Answer<MediaList>>;
    readonly links: (id: Id, paging?: Paging) => Promise<Answer<LinkList>>;
    readonly files: (id: Id, paging?: Paging) => Promise<Answer<FileList>>;
  };
  readonly messages: {
    readonly list: (conversationId: Id, paging?: Paging & { readonly after?: string }) => Promise<Answer<MessageList>>;
    /** The same, and `around` a message, as pages of a timeline. */
    readonly page: (
      conversationId: Id,
      where: PageParam,
      options?: { limit?: number; signal?: AbortSignal },
    ) => Promise<MessagePage>;
    readonly context: (
      messageId: Id,
      options?: { before?: number; after?: number; signal?: AbortSignal },
    ) => Promise<Answer<Context>>;
    readonly get: (messageId: Id) => Promise<Answer<Message>>;
    /** `key`: a UUID that names the send for ever. Default: a new one, so that a repeat is another message. */
    readonly send: (conversationId: Id, body: SendBody, key?: string) => Promise<Answer<Message>>;
    readonly delete: (messageId: Id) => Promise<Answer<DeletedMessage>>;
  };
  readonly blocks: {
    readonly list: (paging?: Paging) => Promise<Answer<BlockList>>;
    readonly status: (username: string) => Promise<Answer<BlockStatus>>;
    readonly add: (username: string) => Promise<Answer<Block>>;
    readonly remove: (username: string) => Promise<void>;
  };
  readonly users: {
    readonly me: () => Promise<Answer<Me>>;
    readonly update: (change: SettingsChange) => Promise<Answer<Me>>;
    readonly search: (query: string, paging?: Paging) => Promise<Answer<UserList>>;
    readonly follow: (username: string) => Promise<void>;
    readonly unfollow: (username: string) => Promise<void>;
    /** Erases the account; stand-alone servers only. `messages`: what becomes of those that the user has written; default: `keep`. */
    readonly erase: (password: string, messages?: 'keep' | 'remove') => Promise<void>;
  };
  readonly files: {
    readonly links: (ids: readonly Id[]) => Promise<Answer<FileLinkList>>;
  };
  readonly events: (query: {
    since?: number;
    epoch?: string;
    limit?: number;
    wait?: number;
    signal?: AbortSignal;
  }) => Promise<Answer<EventList | EventReset>>;
}

/** Where a page of a timeline begins. `null`: the newest. */
export type PageParam = { readonly older: string } | { readonly newer: string } | { readonly around: Id } | null;

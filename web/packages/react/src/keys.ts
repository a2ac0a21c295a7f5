/** Names of queries in TanStack's cache. They begin with the user, so that two accounts in one page never mix. */

import type { Id } from '@duologue/client';

export type GalleryKind = 'media' | 'links' | 'files';

/** What the second member after the user may be: which reducer a query belongs to. */
export type Kind =
  | 'conversations'
  | 'messages'
  | 'gallery'
  | 'conversation'
  | 'users'
  | 'blocks'
  | 'block'
  | 'me'
  | 'file';

const of = <Rest extends readonly unknown[]>(user: Id, kind: Kind, ...rest: Rest) =>
  ['duologue', user, kind, ...rest] as const;

/** For `invalidateQueries`, `prefetchInfiniteQuery` and the like; the hooks use the same. */
export const keys = {
  all: (user: Id) => ['duologue', user] as const,
  conversations: (user: Id) => of(user, 'conversations'),
  timelines: (user: Id) => of(user, 'messages'),
  /** `anchor`: the message that it was opened around; without, the live end. */
  messages: (user: Id, conversationId: Id, anchor?: Id) => of(user, 'messages', conversationId, anchor ?? 'live'),
  allGalleries: (user: Id) => of(user, 'gallery'),
  galleries: (user: Id, conversationId: Id) => of(user, 'gallery', conversationId),
  gallery: (user: Id, conversationId: Id, kind: GalleryKind) => of(user, 'gallery', conversationId, kind),
  /** Conversations by the name of the partner. */
  opened: (user: Id) => of(user, 'conversation'),
  conversation: (user: Id, username: string) => of(user, 'conversation', username.toLowerCase()),
  users: (user: Id, query: string) => of(user, 'users', query),
  blocks: (user: Id) => of(user, 'blocks'),
  /** Between the user and somebody. */
  block: (user: Id, username?: string) =>
    username === undefined ? of(user, 'block') : of(user, 'block', username.toLowerCase()),
  me: (user: Id) => of(user, 'me'),
  file: (user: Id, id: Id, part: 'file' | 'thumbnail') => of(user, 'file', id, part),
};

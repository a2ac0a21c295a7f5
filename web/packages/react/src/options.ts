/** The queries behind the hooks, for prefetching and for tests too. */

import type { ConversationPage, DuologueClient, Id, MessagePage, PageParam } from '@duologue/client';
import { type InfiniteData, infiniteQueryOptions } from '@tanstack/react-query';
import { keys } from './keys.js';
import { retrying } from './retry.js';

/** What the socket keeps fresh: never stale by itself; pages keep their identity, which the bridge goes by. */
const live = { staleTime: Number.POSITIVE_INFINITY, structuralSharing: false, ...retrying } as const;

export const conversationsOptions = (client: DuologueClient) =>
  infiniteQueryOptions<
    ConversationPage,
    Error,
    InfiniteData<ConversationPage>,
    ReturnType<typeof keys.conversations>,
    string | null
  >({
    queryKey: keys.conversations(client.user),
    queryFn: ({ pageParam, signal }) =>
      client.rest.conversations.list({ ...(pageParam === null ? {} : { cursor: pageParam }), signal }),
    initialPageParam: null,
    getNextPageParam: (lastPage) => lastPage.data.meta.nextCursor,
    ...live,
  });

/** Pages from new to old. `around`: begins there instead of at the live end. */
export const messagesOptions = (client: DuologueClient, conversationId: Id, around?: Id) =>
  infiniteQueryOptions<MessagePage, Error, InfiniteData<MessagePage>, ReturnType<typeof keys.messages>, PageParam>({
    queryKey: keys.messages(client.user, conversationId, around),
    queryFn: ({ pageParam, signal }) => client.rest.messages.page(conversationId, pageParam, { signal }),
    initialPageParam: around === undefined ? null : { around },
    getNextPageParam: (oldest) => (oldest.older === null ? null : { older: oldest.older }),
    getPreviousPageParam: (newest) => (newest.newer === null ? null : { newer: newest.newer }),
    ...live,
  });

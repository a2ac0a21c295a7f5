import { type Id, type TimelineItem, toTimeline } from '@duologue/client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useClient } from '../context.js';
import { messagesOptions } from '../options.js';
import { sameItem } from '../timeline-items.js';
import { usePending } from './use-pending.js';
import { useTurns } from './use-turns.js';

export interface MessagesOptions {
  /** Opens the timeline around this message instead of at its live end. */
  readonly around?: Id | undefined;
}

export interface Messages {
  /**
   * Oldest first; those on their way last, at the live end alone. `key` stays when a message of ours is confirmed, and an item
   * is the same object until it changes.
   */
  readonly items: readonly TimelineItem[];
  /** Each does nothing while it runs or when there is nothing more; neither rejects: see `error`. */
  readonly fetchOlder: () => Promise<void>;
  readonly fetchNewer: () => Promise<void>;
  readonly hasOlder: boolean;
  /** False: the live end is here. */
  readonly hasNewer: boolean;
  readonly isFetchingOlder: boolean;
  readonly isFetchingNewer: boolean;
  /** Nothing is there yet. */
  readonly isLoading: boolean;
  readonly error: Error | null;
  /** The first load, again after an error. */
  readonly refetch: () => Promise<unknown>;
}

/** A conversation's timeline, kept up to date by the socket, in pages both ways. Typing and presence rerender nothing here. */
export function useMessages(conversationId: Id, { around }: MessagesOptions = {}): Messages {
  const client = useClient();
  const query = useInfiniteQuery(messagesOptions(client, conversationId, around));
  const { data, hasNextPage, hasPreviousPage, fetchNextPage, fetchPreviousPage } = query;
  const pending = usePending(conversationId);
  const items = useMemo(() => {
    const messages = data?.pages.flatMap((page) => page.messages) ?? [];
    return toTimeline(messages, hasPreviousPage ? [] : pending, client.user).map(sameItem);
  }, [data, hasPreviousPage, pending, client]);
  const turn = useTurns();
  const fetchOlder = useCallback(() => turn('older', () => fetchNextPage(KEEP)), [turn, fetchNextPage]);
  const fetchNewer = useCallback(() => turn('newer', () => fetchPreviousPage(KEEP)), [turn, fetchPreviousPage]);
  return {
    items,
    fetchOlder,
    fetchNewer,
    hasOlder: hasNextPage,
    hasNewer: hasPreviousPage,
    isFetchingOlder: query.isFetchingNextPage,
    isFetchingNewer: query.isFetchingPreviousPage,
    isLoading: query.isPending,
    error: query.error,
    refetch: query.refetch,
  };
}

/** A fetch under way is waited for: another one does not end it. */
const KEEP = { cancelRefetch: false } as const;

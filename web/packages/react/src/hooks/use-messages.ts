import { DuologueError, type Id, type Pending, type TimelineItem, toTimeline } from '@duologue/client';
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
  /** The first page is on its way. */
  readonly isLoading: boolean;
  /** False: `items` are only those on their way, and nothing is known of what stands before them. */
  readonly isLoaded: boolean;
  /** Nothing is loaded, since the server cannot be reached; it will be by itself once that can be. */
  readonly isOffline: boolean;
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
  const isLoaded = data !== undefined;
  const isAway = isLoaded ? hasPreviousPage : around !== undefined;
  const items = useMemo(() => {
    const messages = data?.pages.flatMap((page) => page.messages) ?? [];
    return toTimeline(messages, isAway ? NONE : pending, client.user).map(sameItem);
  }, [data, isAway, pending, client]);
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
    isLoaded,
    isOffline: !isLoaded && isUnreachable(query.failureReason),
    error: query.error,
    refetch: query.refetch,
  };
}

const NONE: readonly Pending[] = [];

function isUnreachable(reason: Error | null): boolean {
  return reason instanceof DuologueError && reason.code === 'NETWORK';
}

/** A fetch under way is waited for: another one does not end it. */
const KEEP = { cancelRefetch: false } as const;

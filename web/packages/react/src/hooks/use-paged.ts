import type { Answer, CursorMeta } from '@duologue/client';
import { keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { retrying } from '../retry.js';

export interface Paged<T> {
  readonly items: readonly T[];
  readonly fetchMore: () => Promise<unknown>;
  readonly hasMore: boolean;
  readonly isFetchingMore: boolean;
  /** Nothing is there yet. */
  readonly isLoading: boolean;
  /** An answer is on its way; what is there may be old, or another question's. */
  readonly isFetching: boolean;
  readonly error: Error | null;
  /** All pages that are there, anew; the first one, if there are none. */
  readonly refetch: () => Promise<unknown>;
}

export interface PagedOptions<D extends { meta: CursorMeta }, T> {
  readonly queryKey: QueryKey;
  readonly fetch: (paging: { cursor?: string; signal: AbortSignal }) => Promise<Answer<D>>;
  /** Defined outside of rendering. */
  readonly itemsOf: (data: D) => readonly T[];
  readonly staleTime: number;
  readonly enabled?: boolean;
  /** Shows the last answer while another question is asked. */
  readonly keepPrevious?: boolean;
}

/** A list that the server gives in pages by a cursor. */
export function usePaged<D extends { meta: CursorMeta }, T>(options: PagedOptions<D, T>): Paged<T> {
  const { queryKey, fetch, itemsOf, staleTime, enabled = true, keepPrevious = false } = options;
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetch({ ...(pageParam === '' ? {} : { cursor: pageParam }), signal }),
    initialPageParam: '',
    getNextPageParam: (lastPage) => lastPage.data.meta.nextCursor,
    staleTime,
    enabled,
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
    ...retrying,
  });
  const pages = query.data?.pages;
  const items = useMemo(() => pages?.flatMap((page) => itemsOf(page.data)) ?? [], [pages, itemsOf]);
  return {
    items,
    fetchMore: query.fetchNextPage,
    hasMore: query.hasNextPage,
    isFetchingMore: query.isFetchingNextPage,
    isLoading: query.isLoading,
    isFetching: query.isFetching,
    error: query.error,
    refetch: query.refetch,
  };
}

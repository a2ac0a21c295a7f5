import type { Conversation } from '@duologue/client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useClient } from '../context.js';
import { conversationsOptions } from '../options.js';

const NONE: readonly Conversation[] = [];

/**
 * The inbox, by last activity, kept up to date by the socket. An infinite query as TanStack gives it (`fetchNextPage`,
 * `hasNextPage`, `isPending`, `error`, ...), and its conversations in one array.
 */
export function useConversations() {
  const query = useInfiniteQuery(conversationsOptions(useClient()));
  const pages = query.data?.pages;
  const conversations = useMemo(() => pages?.flatMap((page) => page.data.conversations) ?? NONE, [pages]);
  return { ...query, conversations };
}

import { type DuologueClient, type MessagePage, reduceTimeline } from '@duologue/client';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '../keys.js';
import { LiveQueries } from './live-queries.js';

/** The histories of all conversations that were opened, each at its live end or around a message. */
export function liveTimelines(client: DuologueClient, cache: QueryClient): LiveQueries<MessagePage> {
  const queryKey = keys.timelines(client.user);
  return new LiveQueries(client, cache, {
    queryKey,
    reduce: (pages, frame, key) => reduceTimeline(pages, frame, client.user, part(key, queryKey.length)),
    restart: ({ pages }, key) => {
      const anchor = part(key, queryKey.length + 1);
      return { pages: pages.slice(0, 1), pageParams: [anchor === 'live' ? null : { around: anchor }] };
    },
  });
}

const part = (key: QueryKey, index: number): string => String(key[index]);

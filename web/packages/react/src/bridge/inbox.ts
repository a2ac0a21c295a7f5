/** The list of conversations, and those that come into it from beyond the loaded pages. */

import { type ConversationPage, type DuologueClient, reduceInbox } from '@duologue/client';
import type { QueryClient } from '@tanstack/react-query';
import { keys } from '../keys.js';
import { Arrivals } from './arrivals.js';
import { LiveQueries } from './live-queries.js';

export function liveInbox(client: DuologueClient, cache: QueryClient): LiveQueries<ConversationPage> {
  const live: LiveQueries<ConversationPage> = new LiveQueries(client, cache, {
    queryKey: keys.conversations(client.user),
    reduce: (pages, frame) => reduceInbox(pages, frame, client.user),
    restart: ({ pages, pageParams }) => ({ pages: pages.slice(0, 1), pageParams: pageParams.slice(0, 1) }),
    look: (pages, fact, query) => arrivals.look(pages, fact, query),
  });
  const arrivals = new Arrivals(client, live);
  return live;
}

/** From the client's facts to TanStack's cache: one bridge for a client and a cache, however many providers there are. */

import { type DuologueClient, DuologueError, type Frame, type Unsubscribe } from '@duologue/client';
import { notifyManager, type QueryCacheNotifyEvent, type QueryClient } from '@tanstack/react-query';
import { keys } from '../keys.js';
import { liveInbox } from './inbox.js';
import { refreshRelated } from './related.js';
import { liveTimelines } from './timelines.js';

interface Held {
  holders: number;
  readonly remove: Unsubscribe;
}

const bridges = new WeakMap<QueryClient, Map<DuologueClient, Held>>();

/** Installs the bridge unless it is there; returns how to let it go. The last to do so removes it. */
export function holdBridge(client: DuologueClient, cache: QueryClient): Unsubscribe {
  const ofCache = bridges.get(cache) ?? new Map<DuologueClient, Held>();
  bridges.set(cache, ofCache);
  const held = ofCache.get(client) ?? { holders: 0, remove: installBridge(client, cache) };
  ofCache.set(client, held);
  held.holders += 1;
  let isHolding = true;
  return () => {
    if (!isHolding) return;
    isHolding = false;
    held.holders -= 1;
    if (held.holders > 0) return;
    ofCache.delete(client);
    held.remove();
  };
}

function installBridge(client: DuologueClient, cache: QueryClient): Unsubscribe {
  const lists = [liveInbox(client, cache), liveTimelines(client, cache)] as const;
  const apply = (frame: Frame): void => {
    for (const list of lists) {
      if (frame.type === 'resume.reset') list.restartAll();
      else list.apply(frame);
    }
    refreshRelated(client, cache, frame);
  };
  const look = (event: QueryCacheNotifyEvent): void => {
    const { query } = event;
    const list = lists.find((one) => one.owns(query));
    // A fetch that was left is undone by TanStack, and the wish for it with it: who looks again must not see what it was to mend.
    if (event.type === 'observerAdded' && query.state.fetchStatus === 'idle') list?.fetched(query);
    if (event.type !== 'updated') return;
    const { action } = event;
    if (action.type === 'fetch') list?.fetching(query);
    // An edit of the cache, such as our own, is a success too, but a manual one.
    else if (action.type === 'success' && action.manual !== true) list?.fetched(query);
  };
  const showMe = (): void => {
    const me = client.me.get();
    if (me !== null) cache.setQueryData(keys.me(client.user), me);
  };
  const catchUp = (): void => {
    for (const list of lists) list.fetchedAll();
  };
  const stops = [
    client.onFrame((frame) => notifyManager.batch(() => apply(frame))),
    cache.getQueryCache().subscribe(look),
    onceKnown(client, catchUp),
    client.me.subscribe(showMe),
    wheneverOpen(client, () => askAgain(client, cache)),
  ];
  showMe();
  catchUp();
  return () => {
    for (const stop of stops) stop();
  };
}

/** Lists that were fetched before the client knew what happens are looked at again when it does. */
function onceKnown(client: DuologueClient, callback: () => void): Unsubscribe {
  let isKnown = client.cursor.get() !== null;
  return client.cursor.subscribe(() => {
    const wasKnown = isKnown;
    isKnown = client.cursor.get() !== null;
    // Later than the client itself, which begins its own record of facts at this moment.
    if (isKnown && !wasKnown) queueMicrotask(callback);
  });
}

/** Calls each time that the server can be reached again. */
function wheneverOpen({ connection }: DuologueClient, callback: () => void): Unsubscribe {
  const isOpen = (): boolean => ['online', 'polling'].includes(connection.status.get().state);
  let wasOpen = isOpen();
  return connection.status.subscribe(() => {
    const isNow = isOpen();
    if (isNow && !wasOpen) callback();
    wasOpen = isNow;
  });
}

/** What somebody waits for, and could not be had: a server that was away says nothing to the browser when it is back. */
function askAgain(client: DuologueClient, cache: QueryClient): void {
  cache.refetchQueries({
    queryKey: keys.all(client.user),
    type: 'active',
    predicate: ({ state: { data, error } }) =>
      data === undefined && error instanceof DuologueError && error.isRetryable,
  });
}

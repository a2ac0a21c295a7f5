/** What ties the tabs of a browser together, and what does where it is missing. */

import type { Channel, Locks } from '../ports.js';

/**
 * Web Locks. Insecure contexts have none, and pages of an opaque origin may not ask: there every tab holds every lock, which costs a
 * connection for each tab, but leaves none without.
 */
export function webLocks(): Locks {
  return {
    hold: (name, signal, held) => {
      let isOurs = false;
      const grant = (): void => {
        if (isOurs || signal.aborted) return;
        isOurs = true;
        held();
      };
      requestLock(name, signal, grant).catch(grant);
    },
  };
}

/** Rejects when the signal came first, or locks may not be asked for. */
async function requestLock(name: string, signal: AbortSignal, grant: () => void): Promise<void> {
  await navigator.locks.request(name, { signal }, async () => {
    grant();
    await aborted(signal);
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** BroadcastChannel; where there is none, nobody is reached. */
export function broadcastChannel(name: string): Channel {
  if (typeof BroadcastChannel === 'undefined') {
    return { post: () => undefined, subscribe: () => () => undefined, close: () => undefined };
  }
  const channel = new BroadcastChannel(name);
  const hearing = new AbortController();
  return {
    post: (message) => {
      if (!hearing.signal.aborted) channel.postMessage(message);
    },
    subscribe: (listener) => {
      const hear = (event: MessageEvent<unknown>): void => listener(event.data);
      channel.addEventListener('message', hear, { signal: hearing.signal });
      return () => channel.removeEventListener('message', hear);
    },
    close: () => {
      hearing.abort();
      channel.close();
    },
  };
}

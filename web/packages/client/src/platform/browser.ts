import type { Platform } from '../ports.js';
import { browserNetwork } from './browser-network.js';
import { fetchTransfer } from './fetch-transfer.js';
import { indexedDbStorage } from './indexeddb.js';
import { randomUuid } from './random.js';
import { broadcastChannel, webLocks } from './tabs.js';
import { realTimers } from './timers.js';
import { openWebSocket } from './websocket.js';
import { xhrTransfer } from './xhr-transfer.js';

/** A browser's page or worker. Globals are looked up when they are used: to import this needs none. */
export function browser(): Platform {
  const fetch: typeof globalThis.fetch = (...call) => globalThis.fetch(...call);
  return {
    fetch,
    transfer: (request) =>
      typeof XMLHttpRequest === 'undefined' ? fetchTransfer(fetch, request) : xhrTransfer(request),
    openSocket: openWebSocket,
    storage: indexedDbStorage,
    channel: broadcastChannel,
    locks: webLocks(),
    network: browserNetwork(),
    timers: realTimers(),
    random: () => Math.random(),
    uuid: randomUuid,
  };
}

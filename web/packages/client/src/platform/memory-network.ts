/** A network that a test turns on and off, and what goes over it. */

import type { Network, Platform, Socket, SocketEvents } from '../ports.js';

type NetworkListener = Parameters<Network['subscribe']>[0];

export interface MemoryNetwork extends Network {
  /** While off, requests fail with a TypeError; open sockets are cut with 1006 at once. */
  readonly setOnline: (isOnline: boolean) => void;
  readonly setVisible: (isVisible: boolean) => void;
}

export function memoryNetwork(): MemoryNetwork {
  const listeners = new Set<NetworkListener>();
  const is = { online: true, visible: true };
  const set = (what: keyof typeof is, value: boolean, event: Parameters<NetworkListener>[0]): void => {
    if (is[what] === value) return;
    is[what] = value;
    for (const listener of [...listeners]) listener(event);
  };
  return {
    isOnline: () => is.online,
    isVisible: () => is.visible,
    setOnline: (value) => set('online', value, value ? 'online' : 'offline'),
    setVisible: (value) => set('visible', value, value ? 'visible' : 'hidden'),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** The tab that something belongs to. */
export interface Tab {
  readonly network: Network;
  /** Aborts when the tab is closed. */
  readonly end: AbortSignal;
}

/** The call; while the network is off what fetch says then; from a tab that is closed never anything. */
export function over<A extends unknown[], T>(tab: Tab, call: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  return async (...args) => {
    if (tab.end.aborted) return await new Promise<never>(() => undefined);
    if (!tab.network.isOnline()) throw new TypeError('The network is off');
    return await call(...args);
  };
}

/** Sockets that are cut when the network goes, and silent when their tab is closed. */
export function cuttable(tab: Tab, open: Platform['openSocket']): Platform['openSocket'] {
  return (url, events) => {
    const live = new AbortController();
    const guarded = whileLive(live, events);
    if (!tab.network.isOnline()) return refused(guarded);
    const socket = open(url, guarded);
    const stopHearing = tab.network.subscribe((event) => {
      if (event !== 'offline') return;
      guarded.close(1006, '');
      socket.close();
    });
    live.signal.addEventListener('abort', stopHearing);
    const vanish = (): void => {
      live.abort();
      socket.close();
    };
    tab.end.addEventListener('abort', vanish, { signal: live.signal });
    return socket;
  };
}

/** Nothing is told after the close, nor after `live` aborts. */
function whileLive(live: AbortController, events: SocketEvents): SocketEvents {
  const tell = (event: () => void): void => {
    if (!live.signal.aborted) event();
  };
  return {
    open: () => tell(events.open),
    message: (text) => tell(() => events.message(text)),
    close: (code, reason) =>
      tell(() => {
        live.abort();
        events.close(code, reason);
      }),
  };
}

function refused(events: SocketEvents): Socket {
  Promise.resolve().then(() => events.close(1006, ''));
  return { send: () => undefined, close: () => undefined };
}

import type { Network } from '../ports.js';

type NetworkListener = Parameters<Network['subscribe']>[0];

/** What a browser knows of the network and of the page. A worker has no page: there it is visible always. */
export function browserNetwork(): Network {
  return {
    isOnline: () => typeof navigator === 'undefined' || navigator.onLine !== false,
    isVisible,
    subscribe: (listener) => {
      const watching = new AbortController();
      watch(listener, watching.signal);
      return () => watching.abort();
    },
  };
}

function isVisible(): boolean {
  return typeof document === 'undefined' || document.visibilityState === 'visible';
}

function watch(listener: NetworkListener, signal: AbortSignal): void {
  const look = (): void => listener(isVisible() ? 'visible' : 'hidden');
  globalThis.addEventListener('online', () => listener('online'), { signal });
  globalThis.addEventListener('offline', () => listener('offline'), { signal });
  // A page that comes back from the back-forward cache has lost its connections, and may have been visible all the time.
  globalThis.addEventListener('pageshow', (event) => event.persisted && look(), { signal });
  if (typeof document !== 'undefined') document.addEventListener('visibilitychange', look, { signal });
}

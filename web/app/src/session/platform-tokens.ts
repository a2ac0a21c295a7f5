/** Tokens of a platform: one from the address, and fresh ones from the page around this one. Kept in memory alone. */
import type { Unsubscribe } from '@duologue/client';

/** The part of `window` that hears and asks. */
export interface TokenWindow {
  readonly addEventListener: (type: 'message', listener: (event: MessageEvent) => void) => void;
  readonly removeEventListener: (type: 'message', listener: (event: MessageEvent) => void) => void;
  /** The page around this one, or the one that opened it; null: there is none. */
  readonly host: Pick<WindowProxy, 'postMessage'> | null;
}

export interface PlatformTokensOptions {
  readonly window: TokenWindow;
  /** Exact origins; a star is none of them: who frames this page must not choose who is signed in. */
  readonly origins: readonly string[];
  readonly first: string | null;
  readonly after: (ms: number, callback: () => void) => Unsubscribe;
}

export interface PlatformTokens {
  readonly getToken: (options: { readonly refresh: boolean }) => Promise<string | null>;
  /** A token that nobody asked for: somebody else may have signed in there. */
  readonly onToken: (listener: () => void) => Unsubscribe;
  readonly stop: () => void;
}

const PATIENCE_MS = 15_000;

export function createPlatformTokens(options: PlatformTokensOptions): PlatformTokens {
  const { window, after } = options;
  const origins = options.origins.filter((origin) => origin !== '*');
  const listeners = new Set<() => void>();
  const waiting = new Set<(token: string | null) => void>();
  let token = options.first;

  const hear = (event: MessageEvent): void => {
    if (event.source !== window.host || !origins.includes(event.origin)) return;
    const received = tokenOf(event.data);
    if (received === null) return;
    token = received;
    const asked = [...waiting];
    waiting.clear();
    for (const resolve of asked) resolve(received);
    if (asked.length === 0) for (const listener of [...listeners]) listener();
  };

  const ask = (): Promise<string | null> => {
    if (window.host === null || origins.length === 0) return Promise.resolve(null);
    for (const origin of origins) window.host.postMessage({ type: 'duologue.token.wanted' }, origin);
    return new Promise((resolve) => {
      const give = (answer: string | null) => {
        cancel();
        resolve(answer);
      };
      const cancel = after(PATIENCE_MS, () => {
        waiting.delete(give);
        resolve(null);
      });
      waiting.add(give);
    });
  };

  window.addEventListener('message', hear);
  return {
    getToken: async ({ refresh }) => (token !== null && !refresh ? token : ask()),
    onToken: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    stop: () => window.removeEventListener('message', hear),
  };
}

function tokenOf(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('type' in data) || !('token' in data)) return null;
  const { type, token } = data;
  return type === 'duologue.token' && typeof token === 'string' && token !== '' ? token : null;
}

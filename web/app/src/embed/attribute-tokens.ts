import type { GetToken } from '../session/gate';
import type { PlatformTokens } from '../session/platform-tokens';

export interface AttributeTokens extends PlatformTokens {
  /** The attribute has changed. */
  readonly changed: () => void;
}

export interface TokenHolder {
  /** The site's own way to a token; without it the attribute `token` is all there is. */
  readonly getToken: GetToken | null;
  readonly token: string | null;
}

/** The site's tokens, from the element that it has put into its page. */
export function createAttributeTokens(holder: () => TokenHolder): AttributeTokens {
  const listeners = new Set<() => void>();
  return {
    getToken: (options) => {
      const { getToken, token } = holder();
      if (getToken !== null) return getToken(options);
      return Promise.resolve(options.refresh ? null : token);
    },
    onToken: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    stop: () => listeners.clear(),
    changed: () => {
      for (const listener of [...listeners]) listener();
    },
  };
}

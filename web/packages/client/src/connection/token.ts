/** The access token, asked for once at a time however many wait: the socket and REST share one. */

export type GetToken = (options: { readonly refresh: boolean }) => Promise<string | null>;

export interface Tokens {
  /** The token to use now; null: signed out. Rejects as `getToken` does. */
  readonly get: () => Promise<string | null>;
  /** Another one in place of `refused`, which may be there already; the same again if there is no other. */
  readonly refresh: (refused: string) => Promise<string | null>;
  /** The next `get` asks anew: somebody else signed in, or the token changed. */
  readonly forget: () => void;
}

export function createTokens(getToken: GetToken): Tokens {
  let known: string | null = null;
  let pending: Promise<string | null> | null = null;

  const ask = (isRefused: boolean): Promise<string | null> => {
    const asked = getToken({ refresh: isRefused }).then(
      (token) => {
        if (pending === asked) {
          pending = null;
          known = token;
        }
        return token;
      },
      (error: unknown) => {
        if (pending === asked) pending = null;
        throw error;
      },
    );
    pending = asked;
    return asked;
  };

  const get = async (): Promise<string | null> => pending ?? known ?? ask(false);

  const refresh = async (refused: string): Promise<string | null> => {
    // Whoever is being asked right now may bring the token that was refused: look before asking for another.
    const current = pending === null ? known : await pending;
    if (current !== null && current !== refused) return current;
    return pending ?? ask(true);
  };

  const forget = (): void => {
    known = null;
    pending = null;
  };

  return { get, refresh, forget };
}

/** When a JWT expires, in milliseconds since the epoch, read without verifying; null when it does not say. */
export function expiry(token: string): number | null {
  return timeIn(token, 'exp');
}

/** How long a JWT lives from when it was issued, in milliseconds: true whatever this device's clock says. Null: it does not say. */
export function lifetime(token: string): number | null {
  const [issued, end] = [timeIn(token, 'iat'), timeIn(token, 'exp')];
  return issued === null || end === null ? null : end - issued;
}

function timeIn(token: string, claim: 'exp' | 'iat'): number | null {
  const [, claims, signature] = token.split('.');
  if (claims === undefined || signature === undefined) return null;
  try {
    const found: unknown = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')));
    const seconds: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, claim) : null;
    return typeof seconds === 'number' ? seconds * 1000 : null;
  } catch {
    return null;
  }
}

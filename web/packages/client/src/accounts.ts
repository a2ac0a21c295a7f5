/** Accounts of a stand-alone server: who signs in, and for which tokens. `session.ts` keeps them. */

import type { Platform } from './ports.js';
import { createHttp } from './rest/http.js';
import type { SignedIn } from './wire.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Each rejects with a DuologueError. Behind a platform all are NOT_FOUND. */
export interface Accounts {
  /** A taken name is CONFLICT. */
  readonly register: (account: Credentials & { readonly displayName?: string }) => Promise<SignedIn>;
  /** An unknown name and a wrong password are UNAUTHORIZED alike; FORBIDDEN: deactivated. */
  readonly login: (credentials: Credentials) => Promise<SignedIn>;
  /** Takes a refresh token once: used again it ends its session. UNAUTHORIZED: that is over. */
  readonly refresh: (refreshToken: string) => Promise<SignedIn>;
  readonly logout: (refreshToken: string) => Promise<void>;
  /** Ends all sessions, this one included. */
  readonly logoutAll: (accessToken: string) => Promise<void>;
  /** Ends all sessions and begins another. FORBIDDEN: the password is wrong. */
  readonly changePassword: (
    accessToken: string,
    passwords: { readonly password: string; readonly newPassword: string },
  ) => Promise<SignedIn>;
}

export interface AccountsOptions {
  /** The server's root; empty for the page's own. */
  readonly url: string;
  readonly platform: Pick<Platform, 'fetch' | 'timers'>;
}

export function createAccounts({ url, platform }: AccountsOptions): Accounts {
  const request = createHttp({ url, platform, tokens: null });
  const post = async <T>(name: string, body?: object, accessToken?: string): Promise<T> => {
    const headers = accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` };
    const call = { method: 'POST', path: `/api/v1/auth/${name}`, headers } as const;
    return (await request<T>(body === undefined ? call : { ...call, body })).data;
  };
  return {
    register: (account) => post('register', account),
    login: (credentials) => post('login', credentials),
    refresh: (refreshToken) => post('refresh', { refreshToken }),
    logout: (refreshToken) => post('logout', { refreshToken }),
    logoutAll: (accessToken) => post('logout-all', undefined, accessToken),
    changePassword: (accessToken, passwords) => post('password', passwords, accessToken),
  };
}

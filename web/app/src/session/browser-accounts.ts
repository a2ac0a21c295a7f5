/**
 * Accounts in a browser. The refresh token is in localStorage, the access token in memory. A refresh token may be used once, so all
 * tabs change it under one lock, and read it anew inside.
 */
import {
  createHttp,
  createStore,
  DuologueError,
  type HttpRequest,
  type Id,
  type Platform,
  type SignedIn,
} from '@duologue/client';
import type { Accounts } from './accounts';
import type { GetToken, WhyOut } from './gate';
import { type KeptSession, readSession, SESSION_KEY, writeSession } from './kept-session';

export interface BrowserAccountsOptions {
  readonly platform: Pick<Platform, 'fetch' | 'timers'>;
  readonly storage: Storage | null;
  /** Runs while no other tab does; without locks (a page without TLS) at once. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
}

const AUTH = '/api/v1/auth';

export function createBrowserAccounts(options: BrowserAccountsOptions): BrowserAccounts {
  return new BrowserAccounts(options);
}

export class BrowserAccounts implements Accounts {
  readonly #options: BrowserAccountsOptions;
  readonly #open: HttpRequest;
  readonly #authorized: HttpRequest;
  readonly #listeners = new Set<(why: WhyOut) => void>();
  readonly #access = createStore<string | null>(null);
  #refreshing: Promise<string | null> | null = null;

  constructor(options: BrowserAccountsOptions) {
    this.#options = options;
    const { platform } = options;
    this.#open = createHttp({ url: '', tokens: null, platform });
    const tokens = {
      get: () => this.getToken({ refresh: false }),
      refresh: () => this.getToken({ refresh: true }),
    };
    this.#authorized = createHttp({ url: '', tokens, platform });
  }

  readonly keptUser = (): Id | null => this.#kept()?.user ?? null;

  readonly getToken: GetToken = ({ refresh }) => {
    const known = this.#access.get();
    if (known !== null && !refresh) return Promise.resolve(known);
    this.#refreshing ??= this.#options
      .exclusively(() => this.#refresh())
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  };

  readonly signIn = (username: string, password: string): Promise<Id> => this.#enter('/login', { username, password });

  readonly signUp = (username: string, password: string, displayName: string): Promise<Id> =>
    this.#enter('/register', { username, password, ...(displayName === '' ? {} : { displayName }) });

  readonly signOut = async (): Promise<void> => {
    const kept = this.#kept();
    this.#forget();
    if (kept === null) return;
    // Without an answer the session ends by itself when its tokens do; here nothing of it is left.
    await this.#open({ method: 'POST', path: `${AUTH}/logout`, body: { refreshToken: kept.refreshToken } }).catch(
      () => undefined,
    );
  };

  readonly signOutEverywhere = async (): Promise<void> => {
    await this.#authorized({ method: 'POST', path: `${AUTH}/logout-all` });
  };

  readonly changePassword = async (password: string, newPassword: string): Promise<void> => {
    const body = { password, newPassword };
    const { data } = await this.#authorized<SignedIn>({ method: 'POST', path: `${AUTH}/password`, body });
    this.#keep(data);
  };

  readonly onEnd = (listener: (why: WhyOut) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Another tab changed what is kept: this one goes where that one went. */
  readonly follow = (event: Pick<StorageEvent, 'key' | 'oldValue' | 'newValue'>): void => {
    if (event.key !== SESSION_KEY) return;
    const before = readSession(event.oldValue);
    const after = readSession(event.newValue);
    if (before !== null && before.user !== after?.user) this.#end('signed_out');
  };

  async #enter(path: string, body: object): Promise<Id> {
    const { data } = await this.#open<SignedIn>({ method: 'POST', path: AUTH + path, body });
    this.#keep(data);
    return data.user.id;
  }

  async #refresh(): Promise<string | null> {
    const kept = this.#kept();
    if (kept === null) return null;
    try {
      const body = { refreshToken: kept.refreshToken };
      const { data } = await this.#open<SignedIn>({ method: 'POST', path: `${AUTH}/refresh`, body });
      this.#keep(data);
      return data.accessToken;
    } catch (error) {
      const why = whyRefused(error);
      if (why === null) throw error;
      this.#forget();
      this.#end(why);
      return null;
    }
  }

  #kept(): KeptSession | null {
    return readSession(this.#options.storage?.getItem(SESSION_KEY) ?? null);
  }

  #keep({ user, accessToken, refreshToken }: SignedIn): void {
    this.#access.set(accessToken);
    writeSession(this.#options.storage, { user: user.id, refreshToken });
  }

  #forget(): void {
    this.#access.set(null);
    this.#options.storage?.removeItem(SESSION_KEY);
  }

  #end(why: WhyOut): void {
    this.#access.set(null);
    for (const listener of [...this.#listeners]) listener(why);
  }
}

/** Why the server will never take this refresh token again; null: it may, later. */
function whyRefused(error: unknown): WhyOut | null {
  if (!(error instanceof DuologueError)) return null;
  if (error.code === 'UNAUTHORIZED') return 'expired';
  return error.code === 'FORBIDDEN' ? 'deactivated' : null;
}

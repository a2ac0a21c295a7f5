/** Somebody's session on this device: signed in once, it brings access tokens until it ends. Tabs share it by what is kept. */

import type { Accounts, Credentials } from './accounts.js';
import type { GetToken } from './connection/token.js';
import { DuologueError } from './errors.js';
import type { Locks, Platform } from './ports.js';
import { authorized, type TokenSource } from './rest/authorized.js';
import type { Unsubscribe } from './store.js';
import type { Id, SignedIn } from './wire.js';

/** What outlives the page. Whoever reads it is signed in: keep it where nobody else does. */
export interface KeptSession {
  readonly user: Id;
  readonly refreshToken: string;
}

/** The same place for all tabs. */
export interface SessionStore {
  readonly load: () => KeptSession | null | Promise<KeptSession | null>;
  readonly save: (session: KeptSession | null) => void | Promise<void>;
}

/** `signed_out`: here or in another tab. `ended`: elsewhere, or it was not used for too long. */
export type SessionEnd = 'signed_out' | 'ended' | 'deactivated';

/** What signs in or out rejects as `Accounts` does. */
export interface Session {
  /** For `createClient`. Null: nobody is signed in. Rejects while the server cannot be reached. */
  readonly getToken: GetToken;
  /** Whose session is kept here. */
  readonly user: () => Promise<Id | null>;
  readonly register: (account: Parameters<Accounts['register']>[0]) => Promise<SignedIn>;
  readonly login: (credentials: Credentials) => Promise<SignedIn>;
  /** All other sessions end; this one's socket closes too, and connects again after `connection.reconnect()`. */
  readonly changePassword: (passwords: Parameters<Accounts['changePassword']>[1]) => Promise<void>;
  /** Forgets the session also when the server cannot be told. */
  readonly logout: () => Promise<void>;
  /** Forgets nothing unless the server was told. */
  readonly logoutAll: () => Promise<void>;
  /** Calls back each time a session is over, whoever ended it. */
  readonly onEnd: (listener: (why: SessionEnd) => void) => Unsubscribe;
}

export interface SessionOptions {
  /** The server's root. */
  readonly url: string;
  readonly accounts: Accounts;
  readonly store: SessionStore;
  readonly platform: Pick<Platform, 'locks' | 'timers'>;
}

/** Milliseconds before its end in which an access token is not handed out any more. */
const MARGIN = 30_000;

export function createSession(options: SessionOptions): Session {
  const keeper = new SessionKeeper(options);
  const { accounts } = options;
  const { getToken } = keeper;
  const tokens: TokenSource = {
    get: () => getToken({ refresh: false }),
    refresh: () => getToken({ refresh: true }),
  };
  return {
    getToken,
    onEnd: (listener) => keeper.onEnd(listener),
    user: () => keeper.keptUser(),
    register: (account) => keeper.adopt(() => accounts.register(account)),
    login: (credentials) => keeper.adopt(() => accounts.login(credentials)),
    // Alone from the question to what is kept: the old session ends before its answer is here, and who asks for a token then waits.
    changePassword: async (passwords) => {
      await authorized(tokens, (token) => keeper.adopt(() => accounts.changePassword(token, passwords)));
    },
    logout: async () => {
      const kept = await keeper.end('signed_out');
      if (kept !== null) await accounts.logout(kept.refreshToken).catch(() => undefined);
    },
    logoutAll: async () => {
      await authorized(tokens, accounts.logoutAll);
      await keeper.end('signed_out');
    },
  };
}

class SessionKeeper {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<(why: SessionEnd) => void>();
  /** Whose tokens are handed out here: never another's, whoever signs in in another tab. */
  #user: Id | null = null;
  /** After a session's end what is kept is somebody else's, until somebody signs in here or asks whose it is. */
  #isOver = false;
  #access: { readonly token: string; readonly until: number } | null = null;
  #pending: Promise<string | null> | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  readonly getToken: GetToken = ({ refresh }) => {
    if (this.#pending !== null) return this.#pending;
    if (!refresh && this.#access !== null && this.#access.until > this.#options.platform.timers.now()) {
      return Promise.resolve(this.#access.token);
    }
    this.#pending = this.#alone(() => this.#rotate()).finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  };

  async keptUser(): Promise<Id | null> {
    const kept = await this.#options.store.load();
    this.#user ??= kept?.user ?? null;
    this.#isOver = false;
    return kept?.user ?? null;
  }

  adopt(signIn: () => Promise<SignedIn>): Promise<SignedIn> {
    return this.#alone(async () => await this.#keep(await signIn()));
  }

  /** Resolves with what was kept of it. Whoever signed in in another tab meanwhile stays signed in. */
  end(why: SessionEnd): Promise<KeptSession | null> {
    return this.#alone(async () => {
      const kept = await this.#options.store.load();
      const isOurs = kept === null || this.#isOurs(kept);
      if (isOurs) await this.#options.store.save(null);
      this.#over(why);
      return isOurs ? kept : null;
    });
  }

  onEnd(listener: (why: SessionEnd) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async #rotate(): Promise<string | null> {
    const { store, accounts } = this.#options;
    const kept = await store.load();
    if (kept === null || !this.#isOurs(kept)) return this.#user === null ? null : this.#over('signed_out');
    try {
      return (await this.#keep(await accounts.refresh(kept.refreshToken))).accessToken;
    } catch (error) {
      const why = endOf(error);
      if (why === null) throw error;
      await store.save(null);
      return this.#over(why);
    }
  }

  #isOurs(kept: KeptSession): boolean {
    return this.#user === null ? !this.#isOver : this.#user === kept.user;
  }

  async #keep(signed: SignedIn): Promise<SignedIn> {
    const { user, refreshToken, accessToken, expiresIn } = signed;
    await this.#options.store.save({ user: user.id, refreshToken });
    this.#user = user.id;
    this.#isOver = false;
    this.#access = { token: accessToken, until: this.#options.platform.timers.now() + expiresIn * 1000 - MARGIN };
    return signed;
  }

  #over(why: SessionEnd): null {
    this.#user = null;
    this.#isOver = true;
    this.#access = null;
    for (const listener of [...this.#listeners]) listener(why);
    return null;
  }

  /** A refresh token that is used twice ends its session: one tab at a time reads, uses and replaces it. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const { url, platform } = this.#options;
    return underLock(platform.locks, `duologue:refresh:${url}`, work);
  }
}

/** What a refusal to refresh says; null: nothing of the session. */
function endOf(error: unknown): SessionEnd | null {
  if (!(error instanceof DuologueError)) return null;
  if (error.code === 'FORBIDDEN') return 'deactivated';
  return error.code === 'UNAUTHORIZED' ? 'ended' : null;
}

function underLock<T>(locks: Locks, name: string, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  return new Promise((resolve, reject) => {
    locks.hold(name, done.signal, () => {
      work()
        .then(resolve, reject)
        .finally(() => done.abort());
    });
  });
}

/** Who is here: signed in by an account of this server, or by a platform's token; or not yet, and why. Without React. */
import { createStore, DuologueError, type Id, type Readable, type Session, type SessionEnd } from '@duologue/client';
import type { PlatformTokens } from './platform-tokens';
import type { WebConfig } from './web-config';

export type GetToken = (options: { readonly refresh: boolean }) => Promise<string | null>;

export type Gate =
  | { readonly phase: 'starting' }
  /** The server does not answer, and nothing that this device keeps would do without it. */
  | { readonly phase: 'unreachable' }
  /** `why`: of somebody who was inside. */
  | { readonly phase: 'signed_out'; readonly why: SessionEnd | null }
  /** A platform's people: it has sent none (`missing`), or one that the server does not take. */
  | { readonly phase: 'no_token'; readonly why: 'missing' | 'refused' }
  | { readonly phase: 'waiting_for_token' }
  | Entered;
export interface Entered {
  readonly phase: 'signed_in';
  readonly kind: Kind;
  readonly user: Id;
  readonly getToken: GetToken;
}
export type Kind = 'account' | 'platform';

export interface NewAccount {
  readonly username: string;
  readonly password: string;
  /** Empty: the username. */
  readonly displayName: string;
}

export interface GateOptions {
  readonly loadConfig: () => Promise<WebConfig | null>;
  /** Null: there are no accounts here. */
  readonly session: Session | null;
  readonly platformTokens: (config: WebConfig) => PlatformTokens;
  /** Whether a platform's token came with the address. */
  readonly hasFirstToken: boolean;
  /** Asks the server whom this token names. */
  readonly whoIs: (getToken: GetToken) => Promise<Id>;
}

export class GateKeeper {
  readonly #options: GateOptions;
  readonly #gate = createStore<Gate>({ phase: 'starting' });
  #tokens: PlatformTokens | null = null;

  constructor(options: GateOptions) {
    this.#options = options;
    options.session?.onEnd(this.leave);
  }

  readonly gate: Readable<Gate> = this.#gate;

  /** Begins, and begins again after `unreachable`. */
  readonly start = async (): Promise<void> => {
    const { session, hasFirstToken, loadConfig } = this.#options;
    const known = session === null || hasFirstToken ? null : await session.user();
    if (known !== null) {
      this.#enter(known);
      return;
    }
    const config = await loadConfig();
    if (config === null) this.#gate.set({ phase: 'unreachable' });
    else if (config.accounts && !hasFirstToken) this.#gate.set({ phase: 'signed_out', why: null });
    else await this.#waitForToken(config);
  };

  /** Rejects as the server does: UNAUTHORIZED, FORBIDDEN (deactivated). */
  readonly signIn = async ({ username, password }: NewAccount): Promise<void> => {
    const signed = await this.#options.session?.login({ username, password });
    if (signed !== undefined) this.#enter(signed.user.id);
  };

  /** CONFLICT: the name is taken. */
  readonly signUp = async ({ displayName, ...account }: NewAccount): Promise<void> => {
    const signed = await this.#options.session?.register(displayName === '' ? account : { ...account, displayName });
    if (signed !== undefined) this.#enter(signed.user.id);
  };

  /** To the door. Whoever shows the room takes it down. */
  readonly leave = (why: SessionEnd): void => {
    const now = this.#gate.get();
    if (now.phase !== 'signed_in') return;
    this.#gate.set(now.kind === 'platform' ? { phase: 'no_token', why: 'refused' } : { phase: 'signed_out', why });
  };

  #enter(user: Id): void {
    const { session } = this.#options;
    if (session !== null) this.#gate.set({ phase: 'signed_in', kind: 'account', user, getToken: session.getToken });
  }

  async #waitForToken(config: WebConfig): Promise<void> {
    this.#gate.set({ phase: 'waiting_for_token' });
    if (this.#tokens === null) {
      const tokens = this.#options.platformTokens(config);
      this.#tokens = tokens;
      tokens.onToken(() => this.#enterBy(tokens));
    }
    await this.#enterBy(this.#tokens);
  }

  async #enterBy({ getToken }: PlatformTokens): Promise<void> {
    try {
      if ((await getToken({ refresh: false })) === null) {
        this.#gate.set({ phase: 'no_token', why: 'missing' });
        return;
      }
      const user = await this.#options.whoIs(getToken);
      const now = this.#gate.get();
      // A fresh token of the one who is here already: they go on as they are.
      if (now.phase === 'signed_in' && now.user === user) return;
      this.#gate.set({ phase: 'signed_in', kind: 'platform', user, getToken });
    } catch (error) {
      this.#gate.set(failureOf(error));
    }
  }
}

function failureOf(error: unknown): Gate {
  const isRefused = error instanceof DuologueError && (error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN');
  return isRefused ? { phase: 'no_token', why: 'refused' } : { phase: 'unreachable' };
}

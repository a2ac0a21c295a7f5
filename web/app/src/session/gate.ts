/** Who is here: signed in by an account of this server, or by a platform's token; or not yet, and why. Without React. */
import {
  createStore,
  DuologueError,
  type Id,
  type Readable,
  type Session,
  type SessionEnd,
  type Unsubscribe,
} from '@duologue/client';
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
  readonly after: (ms: number, callback: () => void) => Unsubscribe;
}

const AGAIN_MS = 5000;

export class GateKeeper {
  readonly #options: GateOptions;
  readonly #gate = createStore<Gate>({ phase: 'starting' });
  readonly #unsubscribes: Unsubscribe[] = [];
  #tokens: PlatformTokens | null = null;
  #starting: Promise<void> | null = null;
  /** Counts what was begun: what an older attempt finds out when a newer one is under way, or done, changes nothing. */
  #turn = 0;
  #cancelAgain: Unsubscribe = () => undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    const end = options.session?.onEnd(this.leave);
    if (end !== undefined) this.#unsubscribes.push(end);
  }

  readonly gate: Readable<Gate> = this.#gate;

  /** Begins, and begins again after `unreachable`. While it is under way, again is the same. */
  readonly start = (): Promise<void> => {
    this.#starting ??= this.#begin().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  };

  /** Hears nothing from now on, and changes nothing. */
  readonly stop = (): void => {
    this.#turn += 1;
    this.#cancelAgain();
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
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

  async #begin(): Promise<void> {
    const isLatest = this.#begun();
    const { session, hasFirstToken, loadConfig } = this.#options;
    const known = session === null || hasFirstToken ? null : await session.user();
    if (!isLatest()) return;
    if (known !== null) {
      this.#enter(known);
      return;
    }
    const config = await loadConfig();
    if (!isLatest()) return;
    if (config === null) this.#gate.set({ phase: 'unreachable' });
    else if (config.accounts && !hasFirstToken) this.#gate.set({ phase: 'signed_out', why: null });
    else await this.#waitForToken(config);
  }

  #begun(): () => boolean {
    this.#turn += 1;
    this.#cancelAgain();
    const turn = this.#turn;
    return () => turn === this.#turn;
  }

  #enter(user: Id): void {
    this.#begun();
    const { session } = this.#options;
    if (session !== null) this.#gate.set({ phase: 'signed_in', kind: 'account', user, getToken: session.getToken });
  }

  async #waitForToken(config: WebConfig): Promise<void> {
    this.#gate.set({ phase: 'waiting_for_token' });
    if (this.#tokens === null) {
      const tokens = this.#options.platformTokens(config);
      this.#tokens = tokens;
      this.#unsubscribes.push(tokens.onToken(() => this.#enterBy(tokens)));
    }
    await this.#enterBy(this.#tokens);
  }

  async #enterBy(tokens: PlatformTokens): Promise<void> {
    const isLatest = this.#begun();
    const found = await this.#gateOf(tokens);
    if (!isLatest()) return;
    const now = this.#gate.get();
    if (now.phase !== 'signed_in') this.#gate.set(found);
    // Nobody is put out because the server could not be asked; who they are by the new token is still to be found out.
    else if (found.phase === 'unreachable')
      this.#cancelAgain = this.#options.after(AGAIN_MS, () => this.#enterBy(tokens));
    // A fresh token of the one who is here already: they go on as they are.
    else if (!(found.phase === 'signed_in' && found.user === now.user)) this.#gate.set(found);
  }

  /** Where these tokens lead. */
  async #gateOf({ getToken }: PlatformTokens): Promise<Gate> {
    try {
      if ((await getToken({ refresh: false })) === null) return { phase: 'no_token', why: 'missing' };
      return { phase: 'signed_in', kind: 'platform', user: await this.#options.whoIs(getToken), getToken };
    } catch (error) {
      return failureOf(error);
    }
  }
}

function failureOf(error: unknown): Gate {
  const isRefused = error instanceof DuologueError && (error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN');
  return isRefused ? { phase: 'no_token', why: 'refused' } : { phase: 'unreachable' };
}

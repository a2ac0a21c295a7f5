/** Who is here: signed in by an account of this server, or by a platform's token; or not yet, and why. Without React. */
import { createStore, DuologueError, type Id, type Readable } from '@duologue/client';
import type { Accounts } from './accounts';
import type { PlatformTokens } from './platform-tokens';
import type { WebConfig } from './web-config';

export type GetToken = (options: { readonly refresh: boolean }) => Promise<string | null>;

/** Why somebody stands before the door who was inside. */
export type WhyOut = 'signed_out' | 'ended' | 'expired' | 'deactivated';

export type Gate =
  | { readonly phase: 'starting' }
  /** The server does not answer, and nothing that this device keeps would do without it. */
  | { readonly phase: 'unreachable' }
  | { readonly phase: 'signed_out'; readonly why: WhyOut | null }
  /** A platform's people: it has sent none (`missing`), or one that the server does not take. */
  | { readonly phase: 'no_token'; readonly why: 'missing' | 'refused' }
  | { readonly phase: 'waiting_for_token' }
  | {
      readonly phase: 'signed_in';
      readonly kind: 'account' | 'platform';
      readonly user: Id;
      readonly getToken: GetToken;
    };

export interface GateKeeper {
  readonly gate: Readable<Gate>;
  /** Begins, and begins again after `unreachable`. */
  readonly start: () => Promise<void>;
  readonly signIn: (username: string, password: string) => Promise<void>;
  readonly signUp: (username: string, password: string, displayName: string) => Promise<void>;
  /** Leaves the room; the caller has ended what was running inside. */
  readonly leave: (why: WhyOut) => void;
}

export interface GateOptions {
  readonly loadConfig: () => Promise<WebConfig | null>;
  readonly accounts: Accounts;
  readonly platformTokens: (config: WebConfig) => PlatformTokens;
  /** Whether a platform's token came with the address. */
  readonly hasFirstToken: boolean;
  /** Asks the server whom this token names. */
  readonly whoIs: (getToken: GetToken) => Promise<Id>;
}

export function createGateKeeper(options: GateOptions): GateKeeper {
  const { accounts } = options;
  const gate = createStore<Gate>({ phase: 'starting' });
  let tokens: PlatformTokens | null = null;

  const enter = (user: Id) => gate.set({ phase: 'signed_in', kind: 'account', user, getToken: accounts.getToken });
  const leave = (why: WhyOut) => {
    const now = gate.get();
    if (now.phase === 'signed_in' && now.kind === 'platform') gate.set({ phase: 'no_token', why: 'refused' });
    else gate.set({ phase: 'signed_out', why });
  };

  const enterByToken = async (source: PlatformTokens): Promise<void> => {
    try {
      const token = await source.getToken({ refresh: false });
      if (token === null) {
        gate.set({ phase: 'no_token', why: 'missing' });
        return;
      }
      const user = await options.whoIs(source.getToken);
      const now = gate.get();
      // A fresh token of the one who is here already: they go on as they are.
      if (now.phase === 'signed_in' && now.user === user) return;
      gate.set({ phase: 'signed_in', kind: 'platform', user, getToken: source.getToken });
    } catch (error) {
      gate.set(failureOf(error));
    }
  };

  const start = async (): Promise<void> => {
    gate.set({ phase: 'starting' });
    const known = options.hasFirstToken ? null : accounts.keptUser();
    if (known !== null) {
      enter(known);
      return;
    }
    const config = await options.loadConfig();
    if (config === null) {
      gate.set({ phase: 'unreachable' });
      return;
    }
    if (config.accounts && !options.hasFirstToken) {
      gate.set({ phase: 'signed_out', why: null });
      return;
    }
    gate.set({ phase: 'waiting_for_token' });
    const source = tokens ?? options.platformTokens(config);
    if (tokens === null) source.onToken(() => enterByToken(source));
    tokens = source;
    await enterByToken(source);
  };

  accounts.onEnd(leave);
  return {
    gate,
    start,
    leave,
    signIn: async (username, password) => enter(await accounts.signIn(username, password)),
    signUp: async (username, password, displayName) => enter(await accounts.signUp(username, password, displayName)),
  };
}

function failureOf(error: unknown): Gate {
  const isRefused = error instanceof DuologueError && (error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN');
  return isRefused ? { phase: 'no_token', why: 'refused' } : { phase: 'unreachable' };
}

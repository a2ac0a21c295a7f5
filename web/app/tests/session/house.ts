/** A server of accounts in memory, as far as the door asks it: enough to sign in, to be refused, and to be away. */
import { createAccounts, createSession, type Id, type KeptSession } from '@duologue/client';
import { memoryByHand } from '@duologue/client/memory';
import { GateKeeper } from '../../src/session/gate';
import type { PlatformTokens } from '../../src/session/platform-tokens';
import type { WebConfig } from '../../src/session/web-config';
import { createWhoIs } from '../../src/session/who-is';

export interface House {
  /** Username to password. */
  readonly people: Map<string, string>;
  isAway: boolean;
  hasEnded: boolean;
  /** Keeps calls in `slow`, unanswered. */
  isSlow: boolean;
  /** How each of them fails. */
  readonly slow: Set<(error: Error) => void>;
  configsAsked: number;
  /** Calls while it was away. */
  refused: number;
}

interface Call {
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
  readonly token: string;
}

function answer(house: House, { path, body, token }: Call): readonly [status: number, data: unknown] {
  const { username = '', password = '' } = body;
  if (path.endsWith('/users/me'))
    return token.startsWith('access-') ? [200, { id: `id-${token.slice(7)}` }] : [401, 'UNAUTHORIZED'];
  if (path.endsWith('/register')) {
    if (house.people.has(username)) return [409, 'CONFLICT'];
    house.people.set(username, password);
  } else if (path.endsWith('/login') && house.people.get(username) !== password) return [401, 'UNAUTHORIZED'];
  else if (path.endsWith('/refresh') && house.hasEnded) return [401, 'UNAUTHORIZED'];
  const name = username === '' ? 'ann' : username;
  return [200, { user: { id: `id-${name}` }, accessToken: `access-${name}`, refreshToken: 'refresh', expiresIn: 900 }];
}

function fetchOf(house: House): typeof fetch {
  return async (input, init) => {
    if (house.isAway) {
      house.refused += 1;
      throw new TypeError('away');
    }
    if (house.isSlow) return new Promise((_, fail) => house.slow.add(fail));
    const request = new Request(new URL(String(input), 'https://chat.example.com'), init);
    const text = await request.text();
    const body: unknown = text === '' ? {} : JSON.parse(text);
    const call = {
      path: new URL(request.url).pathname,
      body: { ...Object(body) },
      token: (request.headers.get('authorization') ?? '').slice(7),
    };
    const [status, data] = answer(house, call);
    const error = { success: false, message: 'no', error: { code: data, message: 'no', requestId: 'r' } };
    return Response.json(status === 200 ? { success: true, message: 'yes', data } : error, { status });
  };
}

interface Arrival {
  readonly kept?: KeptSession | null;
  readonly config?: WebConfig | null;
  readonly token?: string | null;
  readonly hasFirstToken?: boolean;
}

/** Somebody before the door of a house. */
export function arrive({ kept = null, config, token = null, hasFirstToken = false }: Arrival = {}) {
  const house: House = {
    people: new Map([['ann', 'curtain call']]),
    isAway: false,
    hasEnded: false,
    isSlow: false,
    slow: new Set(),
    configsAsked: 0,
    refused: 0,
  };
  const platform = memoryByHand({ fetch: fetchOf(house) });
  const held: { session: KeptSession | null; token: string | null } = { session: kept, token };
  const told = new Set<() => void>();
  const tokens: PlatformTokens = {
    getToken: () => Promise.resolve(held.token),
    onToken: (listener) => {
      told.add(listener);
      return () => told.delete(listener);
    },
    stop: () => told.clear(),
  };
  const url = 'https://chat.example.com';
  const session = createSession({
    url,
    platform,
    accounts: createAccounts({ url, platform }),
    store: {
      load: () => held.session,
      save: (next) => {
        held.session = next;
      },
    },
  });
  const keeper = new GateKeeper({
    session,
    hasFirstToken,
    whoIs: createWhoIs(url, platform),
    after: platform.timers.after,
    loadConfig: () => {
      house.configsAsked += 1;
      const found = config === undefined ? { accounts: true, origins: [], version: '1' } : config;
      return Promise.resolve(found);
    },
    platformTokens: () => tokens,
  });
  const hand = (next: string) => {
    held.token = next;
    for (const listener of told) listener();
  };
  return { house, keeper, session, held, hand, platform, listeners: told };
}

export const idOf = (username: string): Id => `id-${username}`;

/** Somebody with an account on the test's server, a client of their own, and eyes on what it asks for. */

import { createClient, type DuologueClient, type Id, type Me, type Platform } from '@duologue/client';
import { type MemoryPlatform, memory } from '@duologue/client/memory';
import { QueryClient } from '@tanstack/react-query';
import { expect } from 'vitest';
import type { RunningServer } from '../../client/tests/server.js';
import { DuologueProvider, useConnection } from '../src/index.js';
import { type RenderHookResult, renderHook, waitFor } from './dom-testing.js';

export interface Person {
  readonly me: Me;
  readonly client: DuologueClient;
  readonly platform: MemoryPlatform;
  readonly cache: QueryClient;
  /** Method and path with query of every request so far. */
  readonly requests: string[];
  /** Sockets that were opened so far. */
  readonly sockets: () => number;
  /** Keeps the answer to the next request whose path ends with `part`, until it is released. */
  readonly hold: (part: string) => Held;
  /** Writes as another device would. */
  readonly write: (conversationId: Id, content: string) => Promise<Id>;
}

export interface Held {
  /** The server has answered. */
  readonly answered: Promise<void>;
  readonly release: () => void;
}

interface Gate {
  readonly part: string;
  readonly arrive: () => void;
  readonly released: Promise<void>;
}

/** `openSocket`: default, one that reaches the server. */
export async function join(
  server: RunningServer,
  openSocket: Platform['openSocket'] = memory().openSocket,
): Promise<Person> {
  const { user: me, accessToken } = await server.register();
  const requests: string[] = [];
  const gates: Gate[] = [];
  let sockets = 0;
  const platform = memory({
    fetch: async (input, init) => {
      const path = String(input).slice(server.url.length);
      requests.push(`${init?.method ?? 'GET'} ${path}`);
      const answer = await fetch(input, init);
      const index = gates.findIndex(({ part }) => path.split('?')[0]?.endsWith(part));
      const [gate] = index === -1 ? [] : gates.splice(index, 1);
      gate?.arrive();
      await gate?.released;
      return answer;
    },
    openSocket: (...call) => {
      sockets += 1;
      return openSocket(...call);
    },
  });
  const client = createClient({ url: server.url, user: me.id, platform, getToken: async () => accessToken });
  const cache = new QueryClient();
  return {
    me,
    client,
    platform,
    cache,
    requests,
    sockets: () => sockets,
    hold: (part) => {
      const arrived = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      gates.push({ part, arrive: arrived.resolve, released: released.promise });
      return { answered: arrived.promise, release: released.resolve };
    },
    write: async (conversationId, content) => {
      const key = crypto.randomUUID();
      return (await client.rest.messages.send(conversationId, { content, tempId: key }, key)).data.id;
    },
  };
}

/** A hook in an app of that person. */
export function renderAs<T>(person: Person, hook: () => T): RenderHookResult<T, unknown> {
  return renderHook(hook, {
    wrapper: ({ children }) => (
      <DuologueProvider client={person.client} queryClient={person.cache}>
        {children}
      </DuologueProvider>
    ),
  });
}

/** Renders a hook, and waits until the person is online. */
export async function online(person: Person): Promise<void> {
  const { result } = renderAs(person, () => useConnection());
  await waitFor(() => expect(result.current.state).toBe('online'));
}

/** One after the other; their ids. */
export function writeAll(person: Person, conversationId: Id, texts: readonly string[]): Promise<Id[]> {
  const none: Promise<Id[]> = Promise.resolve([]);
  return texts.reduce(async (before, text) => [...(await before), await person.write(conversationId, text)], none);
}

export async function conversationOf(one: Person, other: Person): Promise<Id> {
  return (await one.client.rest.conversations.withUser(other.me.username)).data.id;
}

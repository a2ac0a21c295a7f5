/** Two people of a real server, each with a REST of their own. */

import { memory } from '../../src/platform/memory.js';
import { createRest } from '../../src/rest/create-rest.js';
import type { Rest } from '../../src/rest/rest.js';
import type { Id, Me } from '../../src/wire.js';
import type { RunningServer } from '../server.js';

export interface Person {
  readonly me: Me;
  readonly token: string;
  readonly rest: Rest;
}

export async function join(server: RunningServer): Promise<Person> {
  const { user, accessToken } = await server.register();
  const tokens = { get: async () => accessToken, refresh: async () => accessToken };
  return { me: user, token: accessToken, rest: createRest({ url: server.url, tokens, platform: memory() }) };
}

/** The conversation of two, and so many messages of the first in it. */
export async function converse(first: Person, second: Person, count: number): Promise<{ id: Id; sent: Id[] }> {
  const { data } = await first.rest.conversations.withUser(second.me.username);
  const sent: Id[] = [];
  for (let n = 1; n <= count; n += 1) {
    // biome-ignore lint/performance/noAwaitInLoops: their order is what tests look at
    const answer = await first.rest.messages.send(data.id, { content: `message ${n}` });
    sent.push(answer.data.id);
  }
  return { id: data.id, sent };
}

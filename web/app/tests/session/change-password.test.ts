import { createAccounts, createClient, createSession } from '@duologue/client';
import { memory } from '@duologue/client/memory';
import { expect, test } from 'vitest';
import { join } from '../../../packages/react/tests/person';
import { serverOfFile } from '../../../packages/react/tests/setup';
import { createSessionStore } from '../../src/session/kept-session';
import { createRoom } from '../../src/session/room';
import { onStopped } from '../../src/session/signed-in';

const server = serverOfFile();
const WITHIN = { timeout: 10_000 };

/** Somebody signed in with a password; the answer to its change comes when `release` is called. */
async function inside() {
  const { url } = server();
  const held = Promise.withResolvers<void>();
  const platform = memory({
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      if (String(input).endsWith('/auth/password')) await held.promise;
      return answer;
    },
  });
  const store = createSessionStore(null);
  const session = createSession({ url, platform, store, accounts: createAccounts({ url, platform }) });
  const account = { username: `u${crypto.randomUUID().slice(0, 12)}`, password: 'correct horse' };
  const { user: me } = await session.register(account);
  const client = createClient({ url, user: me.id, platform, getToken: session.getToken });
  const left: string[] = [];
  const leave = (why: string): void => {
    left.push(why);
  };
  const room = createRoom('account', client, session, leave);
  const stop = onStopped(
    client,
    { phase: 'signed_in', kind: 'account', user: me.id, getToken: session.getToken },
    leave,
  );
  return { me, client, room, left, stop, release: held.resolve };
}

test('facts come after a change of the password, also where the old socket closes before the answer is there', async () => {
  const [anna, ben] = [await inside(), await join(server())];
  const id = (await ben.client.rest.conversations.withUser(anna.me.username)).data.id;
  const heard: (string | null)[] = [];
  anna.client.on('message.new', ({ payload }) => heard.push(payload.message.content));
  const stop = anna.client.start();
  const state = () => anna.client.connection.status.get().state;
  await expect.poll(state, WITHIN).toBe('online');
  const changed = anna.room.account?.changePassword('correct horse', 'another horse');
  await expect.poll(state, WITHIN).toBe('stopped');
  anna.release();
  await changed;
  await ben.write(id, 'Hello again');
  await expect.poll(() => heard, WITHIN).toEqual(['Hello again']);
  expect(anna.left).toEqual([]);
  anna.stop();
  stop();
});

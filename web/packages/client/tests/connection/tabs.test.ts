import { expect, test } from 'vitest';
import type { DuologueError } from '../../src/errors.js';
import { createWorld, manualTimers } from '../../src/platform/memory.js';
import type { Command, Frame } from '../../src/wire.js';
import {
  answersByHand,
  done,
  EPOCH,
  fact,
  hello,
  NOW,
  page,
  positions,
  resetTo,
  type Stage,
  type StageOptions,
  stage,
  typing,
} from './stage.js';

const READ: Command = { type: 'message.read', payload: { conversationId: 'c' } };

function ack(id: string): Frame {
  const payload = { conversationId: 'c', markedCount: 0, readAt: null, unreadCount: 0, totalUnread: 0 };
  return { type: 'message.read_ack', payload, id };
}

/** Tabs of one browser: the first leads, and is let in at 5. */
async function browser(
  http?: StageOptions['http'],
): Promise<{ leader: Stage; follower: Stage; open: () => Promise<Stage> }> {
  const shared = { world: createWorld(), timers: manualTimers(NOW) };
  let seed = 0;
  const open = async (): Promise<Stage> => {
    seed += 1;
    const tab = stage({ ...shared, seed, ...(http === undefined ? {} : { http }) });
    tab.connection.start();
    await tab.advance(0);
    return tab;
  };
  const leader = await open();
  const follower = await open();
  await leader.socket().open();
  await leader.socket().say(hello(5));
  return { leader, follower, open };
}

test('one tab has the socket, and all know how it stands', async () => {
  const { leader, follower } = await browser();
  expect(leader.connection.status.get()).toEqual({ state: 'online', leads: true });
  expect(follower.connection.status.get()).toEqual({ state: 'online', leads: false });
  expect(follower.connection.cursor.get()).toEqual({ position: 5, epoch: EPOCH });
  expect(follower.sockets).toEqual([]);
  await leader.socket().close(1006);
  await leader.advance(0);
  expect(follower.connection.status.get()).toEqual({ ...leader.connection.status.get(), leads: false });
});

test('frames come to all tabs, facts in order', async () => {
  const { leader, follower } = await browser();
  await leader.socket().say(fact(7), typing(), fact(6));
  expect(follower.frames).toEqual(leader.frames);
  expect(positions(follower.frames)).toEqual([6, 7]);
  await leader.socket().say(resetTo(90));
  expect(follower.connection.cursor.get()?.position).toBe(90);
});

test('a tab that comes later begins where the leader stands, and hears who is online', async () => {
  const { leader, open } = await browser();
  await leader
    .socket()
    .say(
      { type: 'status.bulk', payload: { statuses: { a: true, b: false } } },
      { type: 'user.online', payload: { userId: 'b', onlineAt: '' } },
      { type: 'user.offline', payload: { userId: 'a', offlineAt: '' } },
      fact(6),
    );
  const late = await open();
  expect(late.connection.status.get().state).toBe('online');
  expect(late.connection.cursor.get()?.position).toBe(6);
  expect(late.frames).toEqual([{ type: 'status.bulk', payload: { statuses: { a: false, b: true } } }]);
  await leader.socket().say(fact(7));
  expect(positions(late.frames)).toEqual([7]);
});

test('a jump that the leader let pass is none for its followers', async () => {
  const { leader, follower } = await browser(() => page([], 8));
  await leader.socket().say(fact(9));
  await leader.advance(200);
  await leader.socket().say(done(8));
  await leader.advance(0);
  expect(positions(follower.frames)).toEqual([9]);
  expect(follower.requests).toEqual([]);
});

test('a follower that is behind the word of the leader catches up over HTTP', async () => {
  const { leader, open } = await browser(() => page([fact(6), fact(7), fact(8)], 8));
  const third = await open();
  third.connection.stop();
  await leader.socket().say(fact(6), fact(7));
  third.connection.start();
  await third.advance(0);
  expect(positions(third.frames)).toEqual([6, 7, 8]);
  expect(third.requests[0]?.searchParams.get('since')).toBe('5');
});

test('a follower that misses a frame catches up, however often HTTP fails', async () => {
  let failures = 2;
  const { leader, open } = await browser(() => {
    failures -= 1;
    return failures < 0 ? page([fact(6), fact(7)], 7) : Promise.reject(new TypeError('down'));
  });
  const third = await open();
  third.connection.stop();
  await leader.socket().say(fact(6));
  third.connection.start();
  await leader.socket().say(fact(7));
  expect(positions(third.frames)).toEqual([]);
  await third.advance(2000);
  expect(positions(third.frames)).toEqual([6, 7]);
});

test('a follower that is started again asks anew, and what it asked before moves nothing', async () => {
  const { http, answer } = answersByHand();
  const { leader, open } = await browser(http);
  const third = await open();
  third.connection.stop();
  await leader.socket().say(fact(6), fact(7));
  third.connection.start();
  await third.advance(0);
  third.connection.stop();
  third.connection.start();
  await third.advance(0);
  expect(third.requests).toHaveLength(2);
  answer(page([fact(6)], 6, { hasMore: true }));
  await third.advance(0);
  expect(third.connection.cursor.get()?.position).toBe(5);
  expect(third.requests).toHaveLength(2);
  answer(page([fact(6), fact(7)], 7));
  await third.advance(0);
  expect(positions(third.frames)).toEqual([6, 7]);
});

/** A follower that missed a frame while HTTP is down, and then held so many. */
async function behind(count: number): Promise<Stage> {
  const { leader, open } = await browser(() => Promise.reject(new TypeError('down')));
  const third = await open();
  third.connection.stop();
  await leader.socket().say(fact(6));
  third.connection.start();
  const later = Array.from({ length: count }, (_, index) => fact(7 + index));
  await leader.socket().say(...later);
  return third;
}

test('a follower that is behind by many frames asks no more often than by one', async () => {
  const [one, many] = [await behind(1), await behind(20)];
  await one.advance(30_000);
  await many.advance(30_000);
  expect(many.requests).toHaveLength(one.requests.length);
});

test('a follower that is stopped asks no more', async () => {
  const third = await behind(20);
  third.connection.stop();
  const { length } = third.requests;
  await third.advance(60_000);
  expect(third.requests).toHaveLength(length);
});

test('a person who comes back to a follower need not wait for what it missed', async () => {
  const third = await behind(1);
  await third.advance(60_000);
  third.platform.network.setVisible(false);
  const { length } = third.requests;
  third.platform.network.setVisible(true);
  await third.advance(0);
  expect(third.requests).toHaveLength(length + 1);
});

test('what a follower holds when an answer is too old for it is asked for again', async () => {
  const pages = [page([fact(6)], 6), page([fact(7), fact(8)], 8)];
  const { leader, open } = await browser(() => pages.shift() ?? page([], 8));
  const third = await open();
  third.connection.stop();
  await leader.socket().say(fact(6), fact(7));
  third.connection.start();
  await leader.socket().say(fact(8));
  await third.advance(1000);
  expect(positions(third.frames)).toEqual([6, 7, 8]);
});

test('when the leader goes the next tab leads, from where it stands, and nothing is lost', async () => {
  const { leader, follower, open } = await browser();
  const third = await open();
  await leader.socket().say(fact(6));
  leader.platform.end();
  await follower.advance(0);
  expect(follower.connection.status.get()).toEqual({ state: 'connecting', leads: true });
  expect(follower.socket().url).toContain('since=6');
  await follower.socket().open();
  await follower.socket().say(hello(6), fact(7), done(7), fact(8));
  expect(positions(follower.frames)).toEqual([6, 7, 8]);
  expect(positions(third.frames)).toEqual([6, 7, 8]);
  expect(third.connection.status.get()).toEqual({ state: 'online', leads: false });
});

test('a follower asks and tells through the leader', async () => {
  const { leader, follower } = await browser();
  const own = leader.connection.ask(READ);
  const asked = follower.connection.ask(READ);
  await leader.advance(0);
  expect(leader.socket().heard.slice(1)).toEqual([
    { ...READ, id: '1' },
    { ...READ, id: '2' },
  ]);
  await leader.socket().say(ack('2'), ack('1'));
  expect([await own, await asked]).toEqual([ack('1'), ack('1')]);
  expect(follower.connection.tell({ type: 'typing.start', payload: { conversationId: 'c' } })).toBe(true);
  await leader.advance(0);
  expect(leader.socket().heard.at(-1)?.type).toBe('typing.start');
});

test('a refusal reaches the follower that asked as the server said it', async () => {
  const { leader, follower } = await browser();
  const asked = follower.connection.ask(READ).catch((error: unknown) => error);
  await leader.advance(0);
  const payload = { code: 'RATE_LIMITED' as const, message: 'slow down', retryAfter: 3 };
  await leader.socket().say({ type: 'error', payload, id: '1' });
  expect(await asked).toMatchObject({ name: 'DuologueError', ...payload, isLost: false });
  expect(follower.frames).toEqual([]);
});

test('what a follower asked a leader that went is lost', async () => {
  const { leader, follower, open } = await browser();
  const third = await open();
  const failed = third.connection.ask(READ).catch((error: DuologueError) => error);
  leader.platform.end();
  await follower.advance(0);
  expect(await failed).toMatchObject({ code: 'UNAVAILABLE', isLost: true });
});

test('what a follower asked is lost when it comes to lead itself', async () => {
  const { leader, follower } = await browser();
  const failed = follower.connection.ask(READ).catch((error: DuologueError) => error);
  leader.platform.end();
  await follower.advance(0);
  expect(await failed).toMatchObject({ code: 'UNAVAILABLE', isLost: true });
});

test('somebody who looks at any tab makes the leader try at once', async () => {
  const { leader, follower } = await browser();
  await leader.socket().close(1001, 'retry=9000');
  await leader.advance(0);
  follower.platform.network.setVisible(false);
  follower.platform.network.setVisible(true);
  await leader.advance(0);
  expect(leader.sockets).toHaveLength(2);
});

test('a new token of any tab makes the leader connect with a new one', async () => {
  const { leader, follower } = await browser();
  await leader.socket().close(4502);
  await leader.advance(0);
  expect(follower.connection.status.get()).toMatchObject({ state: 'stopped', reason: 'deactivated' });
  follower.connection.reconnect();
  await leader.advance(0);
  await leader.socket().open();
  expect(leader.socket().heard).toEqual([{ type: 'auth', payload: { token: 'token 2' } }]);
});

test('messages of other versions on the channel are left alone', async () => {
  const { leader, follower } = await browser();
  const channel = follower.platform.channel('duologue:https://chat.test:me:connection');
  for (const message of [null, 'state', { version: 2, note: { kind: 'reconnect' } }, {}]) channel.post(message);
  await leader.advance(0);
  expect(leader.sockets).toHaveLength(1);
});

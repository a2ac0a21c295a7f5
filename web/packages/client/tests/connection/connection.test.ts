import { expect, test } from 'vitest';
import type { Command, Frame } from '../../src/wire.js';
import {
  answersByHand,
  done,
  EPOCH,
  fact,
  hello,
  NOW,
  online,
  page,
  pong,
  positions,
  resetTo,
  stage,
  typing,
} from './stage.js';

const jwt = (expiresAt: number, issuedAt?: number): string => {
  const iat = issuedAt === undefined ? {} : { iat: issuedAt / 1000 };
  return `e30.${btoa(JSON.stringify({ exp: expiresAt / 1000, ...iat }))}.s`;
};
const types = (commands: readonly (Command | Frame)[]): string[] => commands.map(({ type }) => type);

test('it connects, shows its token in the first command and nowhere else, and is online', async () => {
  const on = await online(5);
  expect(on.socket().url).toBe('wss://chat.test/chat/ws');
  expect(on.socket().heard).toEqual([{ type: 'auth', payload: { token: 'token 1' } }]);
  expect(on.connection.status.get()).toEqual({ state: 'online', leads: true });
  expect(on.connection.cursor.get()).toEqual({ position: 5, epoch: EPOCH });
});

test('a second frame that greets changes nothing, and the greetings stay inside', async () => {
  const on = await online(5);
  await on.socket().say({ ...hello(9), type: 'connection.success' } as Frame, typing());
  expect(on.frames).toEqual([typing()]);
  expect(on.connection.cursor.get()?.position).toBe(5);
});

test('after a loss it resumes from the last fact, and is online when it caught up', async () => {
  const on = await online(5);
  await on.socket().say(fact(6));
  await on.socket().close(1006);
  expect(on.connection.status.get()).toMatchObject({ state: 'waiting', leads: true });
  await on.advance(500);
  expect(on.socket().url).toBe(`wss://chat.test/chat/ws?since=6&epoch=${EPOCH}`);
  await on.socket().open();
  await on.socket().say(hello(6), fact(7));
  expect(on.connection.status.get().state).toBe('catching_up');
  await on.socket().say(done(7));
  expect(on.connection.status.get().state).toBe('online');
  expect(positions(on.frames)).toEqual([6, 7]);
});

test('facts that are late by less than 200 ms need no replay', async () => {
  const on = await online(5);
  await on.socket().say(fact(7));
  await on.advance(199);
  await on.socket().say(fact(6));
  await on.advance(1000);
  expect(positions(on.frames)).toEqual([6, 7]);
  expect(types(on.socket().heard)).toEqual(['auth']);
});

test('a fact that does not come is asked for', async () => {
  const on = await online(5);
  await on.socket().say(fact(7));
  await on.advance(200);
  expect(on.socket().heard.at(-1)).toMatchObject({ type: 'resume', payload: { since: 5, epoch: EPOCH } });
  await on.socket().say(fact(6), fact(7), done(7));
  expect(positions(on.frames)).toEqual([6, 7]);
  expect(on.requests).toEqual([]);
});

test('what a replay left out is looked for over HTTP: a frame may have been lost on its way', async () => {
  const on = await online(5, { http: () => page([fact(6), fact(7), fact(9)], 9) });
  await on.socket().say(fact(9));
  await on.advance(200);
  await on.socket().say(fact(7), fact(9), done(9));
  expect(on.requests.map(String)).toEqual([
    `https://chat.test/api/v1/chat/events?since=5&epoch=${EPOCH}&limit=500&wait=0`,
  ]);
  expect(positions(on.frames)).toEqual([6, 7, 9]);
});

test('where HTTP says nothing either, the jump was normal', async () => {
  const silent = await online(5, { http: () => new Promise(() => undefined) });
  await silent.socket().say(fact(7));
  await silent.advance(200);
  await silent.socket().say(fact(7), done(8));
  await silent.advance(5000);
  expect(positions(silent.frames)).toEqual([7]);
  expect(silent.connection.cursor.get()?.position).toBe(8);
});

test('a replay that falls silent is finished over HTTP', async () => {
  const on = await online(5, { http: () => page([fact(6), fact(8)], 8) });
  await on.socket().say(fact(8));
  await on.advance(200);
  await on.advance(5000);
  expect(positions(on.frames)).toEqual([6, 8]);
});

test('nor is it waited for while newer facts go on coming: the end of a replay may have been lost', async () => {
  const log = [fact(6), fact(8), fact(9), fact(10), fact(11)];
  const on = await online(5, { http: () => page(log, 11) });
  await on.socket().say(fact(8));
  await on.advance(200);
  for (const late of [9, 10, 11]) {
    // biome-ignore lint/performance/noAwaitInLoops: one comes after the other
    await on.socket().say(fact(late));
    await on.advance(1667);
  }
  expect(positions(on.frames)).toEqual([6, 8, 9, 10, 11]);
});

test('a pong that knows of more than was seen makes it look', async () => {
  const on = await online(5);
  await on.socket().say(pong(6));
  await on.advance(200);
  expect(types(on.socket().heard)).toEqual(['auth', 'resume']);
  await on.socket().say(fact(6), done(6), pong(6));
  await on.advance(200);
  expect(types(on.socket().heard)).toEqual(['auth', 'resume']);
});

test('a reset moves the cursor, is told, and ends catching up', async () => {
  const on = await online(5);
  await on.socket().close(1006);
  await on.advance(500);
  await on.socket().open();
  await on.socket().say(hello(5), resetTo(9000), resetTo(9000), fact(9001));
  expect(types(on.frames)).toEqual(['resume.reset', 'message.deleted']);
  expect(on.connection.cursor.get()).toEqual({ position: 9001, epoch: EPOCH });
  expect(on.connection.status.get().state).toBe('online');
});

test('an answer from before a reset counts no more', async () => {
  let answer = (_response: Response): void => undefined;
  const http = (): Promise<Response> =>
    new Promise((give) => {
      answer = give;
    });
  const on = await online(5, { http });
  await on.socket().say(fact(7));
  await on.advance(200);
  await on.socket().say(done(7), resetTo(2, 'log-2'));
  answer(page([fact(6), fact(7)], 7));
  await on.advance(0);
  expect(types(on.frames)).toEqual(['resume.reset']);
  expect(on.connection.cursor.get()).toEqual({ position: 2, epoch: 'log-2' });
});

test('a server that does not answer pings is left for another socket', async () => {
  const on = await online();
  await on.advance(25_000);
  expect(types(on.socket().heard)).toEqual(['auth', 'ping']);
  await on.socket().say(pong(5));
  await on.advance(25_000);
  expect(types(on.socket().heard)).toEqual(['auth', 'ping', 'ping']);
  await on.advance(9999);
  expect(on.socket().isClosed()).toBe(false);
  await on.advance(1);
  expect(on.socket().isClosed()).toBe(true);
  expect(on.connection.status.get().state).toBe('waiting');
});

test('a server that is slow but speaks is not given up', async () => {
  const on = await online(5);
  await on.advance(25_000);
  await on.advance(9000);
  await on.socket().say(fact(6));
  await on.advance(9000);
  expect(on.socket().isClosed()).toBe(false);
  await on.advance(1000);
  expect(on.socket().isClosed()).toBe(true);
});

test('whoever is not let in within 10 s tries again', async () => {
  const on = stage();
  on.connection.start();
  await on.advance(0);
  await on.socket().open();
  await on.advance(10_000);
  expect(on.connection.status.get().state).toBe('waiting');
});

test('a frame that is no JSON ends the socket, and is not told', async () => {
  const on = await online();
  await on.socket().say('{"type": "message.new", "payload": {');
  expect(on.socket().isClosed()).toBe(true);
  expect(on.frames).toEqual([]);
  expect(on.connection.status.get().state).toBe('waiting');
});

test('a frame of a kind that is not known yet is handed on', async () => {
  const on = await online();
  await on.socket().say('{"type": "poll.opened", "payload": {}, "position": 6}');
  expect(on.frames).toHaveLength(1);
  expect(on.connection.cursor.get()?.position).toBe(6);
});

test('a refused token is replaced once; the next refusal stops', async () => {
  const on = stage();
  on.connection.start();
  await on.advance(0);
  await on.socket().open();
  await on.socket().say({ type: 'auth_failed', payload: { message: 'expired' } });
  await on.socket().close(1006);
  expect(on.asked).toEqual([false, true]);
  await on.socket().open();
  expect(on.socket().heard).toEqual([{ type: 'auth', payload: { token: 'token 2' } }]);
  await on.socket().close(4001);
  expect(on.connection.status.get()).toEqual({ state: 'stopped', reason: 'invalid_token', leads: true });
});

test('a source of tokens that brings the refused one again has no other', async () => {
  const on = stage({ getToken: () => Promise.resolve('the only one') });
  on.connection.start();
  await on.advance(0);
  await on.socket().open();
  await on.socket().close(4001);
  expect(on.sockets).toHaveLength(1);
  expect(on.connection.status.get()).toMatchObject({ state: 'stopped', reason: 'invalid_token' });
});

test('whoever is signed out stops, and connects when told of a token', async () => {
  const tokens = [null, 'mine'];
  const on = stage({ getToken: () => Promise.resolve(tokens.shift() ?? null) });
  on.connection.start();
  await on.advance(0);
  expect(on.connection.status.get()).toMatchObject({ state: 'stopped', reason: 'signed_out' });
  on.connection.reconnect();
  await on.advance(0);
  await on.socket().open();
  expect(on.socket().heard).toEqual([{ type: 'auth', payload: { token: 'mine' } }]);
});

test('a token that cannot be had now is asked for again later', async () => {
  let isDown = true;
  const on = stage({ getToken: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve('t')) });
  on.connection.start();
  await on.advance(0);
  expect(on.connection.status.get().state).toBe('waiting');
  isDown = false;
  await on.advance(500);
  expect(on.sockets).toHaveLength(1);
});

test('a token is renewed on the open socket before it ends, as long as the next lives longer', async () => {
  const lives = [NOW + 20_000, NOW + 24_000, NOW + 23_999];
  const on = await online(5, { getToken: () => Promise.resolve(jwt(lives.shift() ?? NOW)) });
  const auths = (): Command[] => on.socket().heard.filter(({ type }) => type === 'auth');
  await on.advance(15_999);
  expect(auths()).toHaveLength(1);
  await on.advance(1);
  expect(on.asked).toEqual([false, true]);
  expect(auths()[1]).toMatchObject({ payload: { token: jwt(NOW + 24_000) } });
  const refused: Frame = { type: 'error', payload: { code: 'UNAUTHORIZED', message: '' }, id: 'connection' };
  await on.socket().say(hello(5), refused);
  expect(on.frames).toEqual([]);
  await on.advance(8900);
  expect(auths()).toHaveLength(3);
  expect(on.asked).toHaveLength(3);
});

test('a device whose clock is far ahead renews its token as often as others do', async () => {
  let issuedAt = NOW - 3_600_000;
  const getToken = () => {
    issuedAt += 1;
    return Promise.resolve(jwt(issuedAt + 20_000, issuedAt));
  };
  const on = await online(5, { getToken });
  await on.advance(999);
  expect(on.asked).toEqual([false]);
  await on.advance(1);
  expect(on.asked).toEqual([false, true]);
  await on.advance(15_999);
  expect(on.asked).toHaveLength(2);
  await on.advance(1);
  expect(on.asked).toHaveLength(3);
});

test('a token that does not say when it was issued, of a clock far behind, is renewed once', async () => {
  let end = NOW - 3_600_000;
  const getToken = () => {
    end += 1;
    return Promise.resolve(jwt(end));
  };
  const on = await online(5, { getToken });
  await on.advance(24_000);
  expect(on.asked).toEqual([false, true]);
});

test('the network: it waits while offline, and tries at once when it is back', async () => {
  const on = await online();
  on.platform.network.setOnline(false);
  expect(on.connection.status.get().state).toBe('offline');
  await on.advance(60_000);
  expect(on.sockets).toHaveLength(1);
  on.platform.network.setOnline(true);
  await on.advance(0);
  expect(on.sockets).toHaveLength(2);
});

test('a person who comes back to the tab need not wait', async () => {
  const on = await online();
  on.platform.network.setVisible(false);
  await on.socket().close(1001, 'retry=9000');
  expect(on.connection.status.get().retryAt).toBeGreaterThanOrEqual(NOW + 9000);
  await on.advance(8000);
  expect(on.sockets).toHaveLength(1);
  on.platform.network.setVisible(true);
  await on.advance(0);
  expect(on.sockets).toHaveLength(2);
});

test('a listener that throws keeps nobody else from hearing', async () => {
  const on = await online();
  const heard: Frame[] = [];
  on.connection.onFrame(() => {
    throw new Error('a listener');
  });
  on.connection.onFrame((frame) => heard.push(frame));
  await on
    .socket()
    .say(fact(6))
    .catch(() => undefined);
  expect(heard).toHaveLength(1);
  expect(on.connection.cursor.get()?.position).toBe(6);
});

test('started again it goes on from where it stood', async () => {
  const on = await online(5);
  on.connection.stop();
  expect(on.connection.status.get()).toEqual({ state: 'idle', leads: false });
  expect(on.socket().isClosed()).toBe(true);
  on.connection.start();
  await on.advance(0);
  expect(on.socket().url).toContain('since=5');
});

test('an answer that comes after the stop moves nothing: nobody heard its facts', async () => {
  const { http, answer } = answersByHand();
  const on = await online(5, { http });
  await on.socket().say(fact(7));
  await on.advance(200);
  await on.socket().say(done(7));
  on.connection.stop();
  answer(page([fact(6), fact(7)], 7, { hasMore: true }));
  await on.advance(0);
  expect(on.frames).toEqual([]);
  expect(on.requests).toHaveLength(1);
  expect(on.connection.cursor.get()?.position).toBe(5);
  on.connection.start();
  await on.advance(0);
  expect(on.socket().url).toContain('since=5');
});

test('stopped while it waits for a token it opens nothing', async () => {
  let bring = (_token: string): void => undefined;
  const on = stage({
    getToken: () =>
      new Promise((give) => {
        bring = give;
      }),
  });
  on.connection.start();
  await on.advance(0);
  expect(on.asked).toHaveLength(1);
  on.connection.stop();
  bring('late');
  await on.advance(60_000);
  expect(on.sockets).toEqual([]);
});

test('started twice it connects once', async () => {
  const on = await online();
  on.connection.start();
  await on.advance(60_000);
  expect(on.connection.status.get().leads).toBe(true);
  on.connection.stop();
  await on.advance(0);
  expect(on.connection.status.get()).toEqual({ state: 'idle', leads: false });
});

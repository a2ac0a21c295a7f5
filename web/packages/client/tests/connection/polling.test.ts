import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { poll } from '../../src/connection/polling.js';
import { Stream } from '../../src/connection/stream.js';
import { manualTimers } from '../../src/platform/memory.js';
import type { Frame } from '../../src/wire.js';
import {
  answersByHand,
  done,
  EPOCH,
  fact,
  hello,
  NOW,
  page,
  positions,
  refusal,
  type Stage,
  type StageOptions,
  stage,
} from './stage.js';

/** Started where sockets do not open. */
async function behindProxy(http: StageOptions['http']): Promise<Stage> {
  const on = stage(http === undefined ? {} : { http });
  on.connection.start();
  await on.advance(0);
  await on.socket().close(1006);
  await on.advance(500);
  await on.socket().close(1006);
  await on.advance(1000);
  await on.socket().close(1006);
  return on;
}

/** What was asked: since where, and for how long. */
const asked = (on: Stage): (string | null)[][] =>
  on.requests.map(({ searchParams }) => ['since', 'epoch', 'wait'].map((name) => searchParams.get(name)));

test('where sockets do not open but HTTP works it polls, from where the log ends', async () => {
  const { http, answer } = answersByHand();
  const on = await behindProxy(http);
  expect(on.connection.status.get().state).toBe('waiting');
  answer(page([], 5));
  await on.advance(0);
  expect(on.connection.status.get()).toEqual({ state: 'polling', leads: true });
  answer(page([fact(6), fact(9)], 11));
  await on.advance(0);
  expect(asked(on)).toEqual([
    [null, null, '0'],
    ['5', 'log-1', '25'],
    ['11', 'log-1', '25'],
  ]);
  expect(positions(on.frames)).toEqual([6, 9]);
  expect(on.connection.cursor.get()?.position).toBe(11);
});

test('it tries a socket every minute, and leaves polling for it without a gap', async () => {
  const { http, answer } = answersByHand();
  const on = await behindProxy(http);
  answer(page([], 5));
  await on.advance(59_999);
  expect(on.sockets).toHaveLength(3);
  await on.advance(1);
  expect(on.sockets).toHaveLength(4);
  expect(on.connection.status.get().state).toBe('polling');
  await on.socket().open();
  await on.socket().say(hello(5));
  expect(on.connection.status.get().state).toBe('catching_up');
  await on.socket().say(fact(6), done(6));
  expect(on.connection.status.get().state).toBe('online');
  answer(page([fact(6)], 6)); // of a poll that was under way
  await on.advance(0);
  expect(positions(on.frames)).toEqual([6]);
  const before = on.requests.length;
  await on.advance(5000);
  expect(on.requests).toHaveLength(before);
});

test('a socket that opens after the first poll goes on from there', async () => {
  const { http, answer } = answersByHand();
  const on = await behindProxy(http);
  await on.advance(2000);
  await on.socket().open();
  answer(page([], 5));
  await on.advance(0);
  await on.socket().say(hello(7));
  expect(on.socket().heard.at(-1)).toMatchObject({ type: 'resume', payload: { since: 5 } });
  await on.socket().say(fact(6), fact(7), done(7));
  expect(positions(on.frames)).toEqual([6, 7]);
  expect(on.connection.status.get().state).toBe('online');
});

test('where HTTP does not work either it goes on waiting for a socket', async () => {
  const on = await behindProxy(() => Promise.reject(new TypeError('down')));
  await on.advance(0);
  expect(on.connection.status.get().state).toBe('waiting');
  await on.advance(4000);
  expect(on.sockets).toHaveLength(4);
});

test('polling that fails goes back to trying both', async () => {
  const { http, answer } = answersByHand();
  const on = await behindProxy(http);
  answer(page([], 5));
  await on.advance(0);
  answer(new Response('<html>bad gateway</html>', { status: 502 }));
  await on.advance(0);
  expect(on.connection.status.get().state).toBe('waiting');
  await on.advance(4000);
  expect(on.sockets).toHaveLength(4);
  expect(on.requests).toHaveLength(3);
  answer(page([fact(6)], 6));
  await on.advance(0);
  expect(on.connection.status.get().state).toBe('polling');
});

test.each([
  [401, 'UNAUTHORIZED', 'invalid_token'],
  [403, 'FORBIDDEN', 'deactivated'],
])('polls that are refused with %i stop it', async (status, code, reason) => {
  const on = await behindProxy(() => refusal(status, code));
  await on.advance(0);
  expect(on.connection.status.get()).toEqual({ state: 'stopped', reason, leads: true });
});

test('a reset of a poll is told as one of a socket', async () => {
  const { http, answer } = answersByHand();
  const on = await behindProxy(http);
  answer(page([], 5));
  await on.advance(0);
  const data = { reset: true, reason: 'epoch', position: 2, epoch: 'log-2' };
  answer(Response.json({ success: true, message: '', data }));
  await on.advance(0);
  const reset: Frame = { type: 'resume.reset', payload: { reason: 'epoch', position: 2, epoch: 'log-2' } };
  expect(on.frames).toEqual([reset]);
  expect(asked(on).at(-1)).toEqual(['2', 'log-2', '25']);
});

test('an answer that somebody gives at once instead of holding it is not asked for in a loop', async () => {
  const on = await behindProxy(() => page([], 5));
  await on.advance(0);
  expect(on.requests.length).toBeLessThan(4);
  await on.advance(10_000);
  expect(on.requests.length).toBeLessThan(14);
});

test('polling again and again leaves nothing behind on its signal', async () => {
  const timers = manualTimers(NOW);
  const data = { events: [], position: 5, epoch: EPOCH, hasMore: false };
  const stream = new Stream(
    async () => ({ success: true, message: '', data }),
    () => undefined,
  );
  const ignore = () => undefined;
  const end = new AbortController();
  poll({ timers, random: () => 0 }, stream, { polled: ignore, failed: ignore, refused: ignore }, end.signal);
  await timers.advance(10_000);
  expect(getEventListeners(end.signal, 'abort')).toHaveLength(1);
  end.abort();
});

import { expect, test } from 'vitest';
import type { DuologueError } from '../../src/errors.js';
import type { Command, Frame } from '../../src/wire.js';
import { online, positions, stage } from './stage.js';

const READ: Command = { type: 'message.read', payload: { conversationId: 'c' } };
const SEND: Command = { type: 'message.send', payload: { conversationId: 'c', content: 'hi' } };

function ack(id: string, position?: number): Frame {
  const payload = { conversationId: 'c', markedCount: 1, readAt: null, unreadCount: 0, totalUnread: 0 };
  return { type: 'message.read_ack', payload, id, ...(position === undefined ? {} : { position }) };
}

function error(id: string): Frame {
  const payload = { code: 'RATE_LIMITED' as const, message: 'slow down', retryAfter: 7, details: { limit: 30 } };
  return { type: 'error', payload, id };
}

/** What a promise came to. */
async function outcome(promise: Promise<Frame>): Promise<Frame | DuologueError> {
  return await promise.catch((failure: DuologueError) => failure);
}

test('an answer goes to who asked, and as a fact to everybody', async () => {
  const on = await online(5);
  const first = on.connection.ask(READ);
  const second = on.connection.ask(READ);
  expect(on.socket().heard.slice(1)).toEqual([
    { ...READ, id: '1' },
    { ...READ, id: '2' },
  ]);
  await on.socket().say(ack('2'), ack('1', 6));
  expect([await first, await second]).toEqual([ack('1', 6), ack('2')]);
  expect(positions(on.frames)).toEqual([6]);
});

test('by the time that the answer is there the fact was handed on', async () => {
  const on = await online(5);
  const seen = on.connection.ask(READ).then(() => positions(on.frames));
  await on.socket().say(ack('1', 6));
  expect(await seen).toEqual([6]);
});

test('a refusal rejects with all that the server said, and is told to nobody else', async () => {
  const on = await online(5);
  const asked = outcome(on.connection.ask(SEND));
  const again: Frame = {
    type: 'message.error',
    payload: { tempId: null, error: 'slow down', code: 'RATE_LIMITED' },
    id: '1',
  };
  await on.socket().say(error('1'), again);
  expect(await asked).toMatchObject({
    code: 'RATE_LIMITED',
    message: 'slow down',
    retryAfter: 7,
    details: { limit: 30 },
    isLost: false,
  });
  expect(on.frames).toEqual([]);
});

test('an error that nobody waits for is told to all', async () => {
  const on = await online(5);
  await on.socket().say(error('9'));
  expect(on.frames).toHaveLength(1);
});

test('when the connection goes, what was sent is lost and what was not is not', async () => {
  const on = await online(5);
  const asked = Array.from({ length: 33 }, () => outcome(on.connection.ask(READ)));
  expect(on.socket().heard.slice(1)).toHaveLength(32);
  await on.socket().close(1006);
  const errors = await Promise.all(asked);
  expect(errors.map((failure) => 'isLost' in failure && failure.isLost)).toEqual([...Array(32).fill(true), false]);
  expect(errors[0]).toMatchObject({ code: 'UNAVAILABLE', isRetryable: true });
});

test('the 33rd command goes out when one was answered', async () => {
  const on = await online(5);
  const asked = Array.from({ length: 33 }, () => on.connection.ask(READ));
  await on.socket().say(ack('1'));
  await asked[0];
  expect(on.socket().heard).toHaveLength(34);
  await on.socket().say(ack('33'));
  expect(await asked[32]).toEqual(ack('33'));
});

test('an answer that does not come within half a minute is lost', async () => {
  const on = await online(5);
  const asked = outcome(on.connection.ask(READ));
  await on.advance(20_000);
  await on.socket().say(ack('other'));
  await on.advance(5000);
  await on.socket().say({ type: 'pong', payload: { timestamp: '', serverTime: '', position: 5 } });
  await on.advance(5000);
  expect(await asked).toMatchObject({ code: 'UNAVAILABLE', isLost: true });
});

test('without a connection nothing is asked and nothing told', async () => {
  const on = stage();
  on.connection.start();
  expect(on.connection.tell(READ)).toBe(false);
  expect(await outcome(on.connection.ask(READ))).toMatchObject({ code: 'UNAVAILABLE', isLost: false });
});

test('what is told goes out as it is', async () => {
  const on = await online(5);
  expect(on.connection.tell({ type: 'typing.start', payload: { conversationId: 'c' } })).toBe(true);
  expect(on.socket().heard.at(-1)).toEqual({ type: 'typing.start', payload: { conversationId: 'c' } });
});

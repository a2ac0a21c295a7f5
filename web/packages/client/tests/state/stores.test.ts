import process from 'node:process';
import { expect, test } from 'vitest';
import type { Pending } from '../../src/model.js';
import { manualTimers } from '../../src/platform/memory.js';
import { reducePresence } from '../../src/state/presence.js';
import { createReader } from '../../src/state/reader.js';
import { createRecentFacts } from '../../src/state/recent-facts.js';
import { toTimeline } from '../../src/state/to-timeline.js';
import { createTyping } from '../../src/state/typing.js';
import { createTypingSender } from '../../src/state/typing-sender.js';
import { createStore } from '../../src/store.js';
import type { Command, Frame, Message } from '../../src/wire.js';
import { CHAT, ME, message, partner, YOU } from './examples.js';

const KEY = '44444444-4444-7444-8444-444444444444';

function arrival(one: Message, position = 1): Frame {
  return { type: 'message.new', payload: { message: one, unreadCount: 0, totalUnread: 0 }, position };
}

function pending(key: string, content: string): Pending {
  const draft = { conversationId: CHAT, content };
  return { key, draft, state: 'sending', createdAt: 0, attempts: 1, uploads: [] };
}

// -- recent facts -----------------------------------------------------------------------------------------------------------

test('facts after a position are known from the first connection on, or not at all', () => {
  const facts = createRecentFacts();
  expect(facts.since(3)).toEqual([]);
  facts.begin(5);
  const [sixth, ninth] = [arrival(message(1), 6), arrival(message(2), 9)];
  facts.add(sixth);
  facts.add(ninth);
  expect(facts.since(4)).toBeNull();
  expect(facts.since(5)).toEqual([sixth, ninth]);
  expect(facts.since(6)).toEqual([ninth]);
  expect(facts.since(9)).toEqual([]);
});

test('a thousand facts are kept, and it is known from where on', () => {
  const facts = createRecentFacts();
  facts.begin(0);
  for (let position = 1; position <= 5000; position += 1) facts.add(arrival(message(position), position));
  expect(facts.since(4000)).toHaveLength(1000);
  expect(facts.since(2999)).toBeNull();
});

test('after a reset only what comes after it is known', () => {
  const facts = createRecentFacts();
  facts.begin(0);
  facts.add(arrival(message(1), 1));
  facts.reset(50);
  expect([facts.since(49), facts.since(50)]).toEqual([null, []]);
});

// -- typing -----------------------------------------------------------------------------------------------------------------

const typing = (type: 'typing.start' | 'typing.stop', userId = YOU): Frame => ({
  type,
  payload: { conversationId: CHAT, userId },
});

test('typing ends by itself after six seconds without another start', async () => {
  const timers = manualTimers(0);
  const { store, apply } = createTyping(timers, ME);
  apply(typing('typing.start'));
  await timers.advance(5000);
  apply(typing('typing.start'));
  await timers.advance(5999);
  expect([...store.get()]).toEqual([CHAT]);
  await timers.advance(1);
  expect([...store.get()]).toEqual([]);
});

test('typing ends with a stop, and with the message; not with one of mine', () => {
  const { store, apply } = createTyping(manualTimers(0), ME);
  apply(typing('typing.start'));
  apply(arrival(message(1)));
  expect([...store.get()]).toEqual([CHAT]);
  apply(arrival(message(2, { senderId: YOU })));
  expect([...store.get()]).toEqual([]);
  apply(typing('typing.start'));
  apply(typing('typing.stop'));
  expect([...store.get()]).toEqual([]);
});

function teller() {
  const timers = manualTimers(0);
  const told: string[] = [];
  const tell = (command: Command): boolean => told.push(command.type) > 0;
  return { timers, told, sender: createTypingSender(tell, timers) };
}

test('the partner is told at most every three seconds, and after five without a key that it is over', async () => {
  const { timers, told, sender } = teller();
  for (let second = 0; second < 4; second += 1) {
    sender.set(CHAT, true);
    // biome-ignore lint/performance/noAwaitInLoops: one second after the other
    await timers.advance(1000);
  }
  expect(told).toEqual(['typing.start', 'typing.start']);
  await timers.advance(4000);
  expect(told).toEqual(['typing.start', 'typing.start', 'typing.stop']);
});

test('nothing needs to be told when a message was sent, or nobody was typing', async () => {
  const { timers, told, sender } = teller();
  sender.set(CHAT, false);
  sender.set(CHAT, true);
  sender.sent(CHAT);
  await timers.advance(10_000);
  expect(told).toEqual(['typing.start']);
});

// -- presence ---------------------------------------------------------------------------------------------------------------

test('a bulk says of whom anything may be known, and keeps when they were last seen', () => {
  const known = new Map([
    ['a', { isOnline: false, lastSeen: 'then' }],
    ['b', { isOnline: true }],
  ]);
  const after = reducePresence(known, { type: 'status.bulk', payload: { statuses: { a: false, c: true } } });
  expect([...after]).toEqual([
    ['a', { isOnline: false, lastSeen: 'then' }],
    ['c', { isOnline: true }],
  ]);
});

test('of somebody whom I block nothing is known', () => {
  const online = reducePresence(new Map(), { type: 'user.online', payload: { userId: 'user 1', onlineAt: 'now' } });
  expect(online.get('user 1')).toEqual({ isOnline: true });
  const block = { id: 'b', blockedUser: partner(1), createdAt: 'now' };
  expect(reducePresence(online, { type: 'block.added', payload: block, position: 1 }).has('user 1')).toBe(false);
});

test('what was known already changes nothing', () => {
  const known = new Map([['a', { isOnline: true }]]);
  expect(reducePresence(known, { type: 'user.online', payload: { userId: 'a', onlineAt: 'now' } })).toBe(known);
});

// -- timelines as they are shown --------------------------------------------------------------------------------------------

test('a timeline is shown oldest first, what is on its way last', () => {
  const theirs = message(1, { senderId: YOU, status: 'delivered' });
  const items = toTimeline([message(2, { status: 'read' }), theirs], [pending(KEY, 'third')], ME);
  expect(items.map(({ kind, status }) => [kind, status])).toEqual([
    ['message', 'received'],
    ['message', 'read'],
    ['pending', 'sending'],
  ]);
});

test('a message is there once, under the same key, before and after the server has it', () => {
  const before = toTimeline([], [pending(KEY, 'hello')], ME);
  const both = toTimeline([message(1, { tempId: KEY })], [pending(KEY, 'hello')], ME);
  expect(before.map(({ key }) => key)).toEqual([KEY]);
  expect(both).toMatchObject([{ kind: 'message', key: KEY }]);
});

test('a tempId that is no UUID names nothing: it may come twice', () => {
  const items = toTimeline([message(2, { tempId: '1' }), message(1, { tempId: '1' })], [], ME);
  expect(items.map(({ key }) => key)).toEqual([message(1).id, message(2).id]);
});

// -- reading ----------------------------------------------------------------------------------------------------------------

test('one request marks at a time, and of those that wait the newest', async () => {
  const marked: (string | undefined)[] = [];
  const ends: (() => void)[] = [];
  const status = createStore({ state: 'polling', leads: true } as const);
  const ask = () => Promise.reject(new Error('there is no socket'));
  const read = createReader({ status, ask }, (_, upTo) => {
    marked.push(upTo);
    return new Promise((done) => {
      ends.push(() => done({ success: true, message: '', data: { markedCount: 1, readAt: null } }));
    });
  });
  const all = Promise.all([read(CHAT, 'one'), read(CHAT, 'two'), read(CHAT, 'three'), read('other', 'here')]);
  expect(marked).toEqual(['one', 'here']);
  for (const end of ends.splice(0)) end();
  await expect.poll(() => marked).toEqual(['one', 'here', 'three']);
  for (const end of ends.splice(0)) end();
  await all;
  expect(marked).toHaveLength(3);
});

// -- stores -----------------------------------------------------------------------------------------------------------------

test('a listener that throws keeps nobody else from hearing; its error shows by itself', async () => {
  const { errors, stop } = unhandled();
  const store = createStore(1);
  const heard: number[] = [];
  store.subscribe(() => {
    throw new Error('a listener');
  });
  store.subscribe(() => heard.push(store.get()));
  store.set(2);
  expect(heard).toEqual([2]);
  await expect.poll(errors).toEqual([new Error('a listener')]);
  stop();
});

/** Errors that nobody caught, in place of the runner's own listeners. */
function unhandled() {
  const errors: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  const take = (error: unknown): number => errors.push(error);
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', take);
  const stop = (): void => {
    process.off('unhandledRejection', take);
    for (const other of others) process.on('unhandledRejection', other);
  };
  return { errors: () => errors, stop };
}

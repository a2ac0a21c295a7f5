import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { conversationCursor, messageCursor } from '../../src/state/cursors.js';
import type { Conversation, Message } from '../../src/wire.js';
import { type RunningServer, startServer } from '../server.js';
import { closeAll, join, online, open, PATIENT } from './people.js';

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: 'off' });
}, 60_000);
afterAll(async () => {
  await server.stop();
});

afterEach(closeAll);

async function two() {
  const [anna, bert] = [await join(server), await join(server)];
  const [one, other] = [anna.device(), bert.device()];
  await online(one, other);
  const chat = await open(one, bert);
  await Promise.all([one.screen.load(chat), other.screen.load(chat)]);
  return { anna, bert, one, other, chat };
}

test('a message goes from queued to sent, delivered, and read; both see the same', { timeout: 30_000 }, async () => {
  const { one, other, chat } = await two();
  await one.client.outbox.send({ conversationId: chat, content: 'hello' });
  expect(one.screen.lines(chat)).toHaveLength(1);
  await expect.poll(() => other.screen.lines(chat), PATIENT).toEqual(['hello received']);
  await expect.poll(() => one.screen.lines(chat), PATIENT).toEqual(['hello delivered']);
  expect([other.client.totalUnread.get(), other.screen.conversations()[0]?.unreadCount]).toEqual([1, 1]);
  await other.client.markRead(chat);
  await expect.poll(() => one.screen.lines(chat), PATIENT).toEqual(['hello read']);
  await expect.poll(() => other.client.totalUnread.get(), PATIENT).toBe(0);
  expect(one.screen.shown()).toEqual(await one.screen.fresh());
  expect(other.screen.shown()).toEqual(await other.screen.fresh());
});

test('an own message keeps its key from the first moment on', { timeout: 30_000 }, async () => {
  const { one, chat } = await two();
  const { key } = await one.client.outbox.send({ conversationId: chat, content: 'hello' });
  await expect.poll(() => one.screen.messages(chat)[0]?.tempId, PATIENT).toBe(key);
  expect(one.client.outbox.entries.get()).toEqual([]);
});

test('a deleted message is gone for both, and keeps its place in the list empty', { timeout: 30_000 }, async () => {
  const { one, other, chat } = await two();
  await one.client.outbox.send({ conversationId: chat, content: 'first' });
  await one.client.outbox.send({ conversationId: chat, content: 'second' });
  await expect.poll(() => other.screen.messages(chat).length, PATIENT).toBe(2);
  await one.client.rest.messages.delete(other.screen.messages(chat)[0]?.id ?? '');
  await expect.poll(() => other.screen.lines(chat), PATIENT).toEqual(['first received']);
  expect(other.screen.conversations()[0]?.lastMessage?.content).toBe('');
  await expect.poll(() => one.screen.messages(chat).length, PATIENT).toBe(1);
  expect(one.screen.shown()).toEqual(await one.screen.fresh());
  expect(other.screen.shown()).toEqual(await other.screen.fresh());
});

test('who is blocked does not see the conversation, until they are not', { timeout: 30_000 }, async () => {
  const { anna, one, other, chat } = await two();
  await one.client.outbox.send({ conversationId: chat, content: 'hello' });
  await expect.poll(() => other.screen.messages(chat).length, PATIENT).toBe(1);
  await other.client.rest.blocks.add(anna.me.username);
  await expect.poll(() => one.screen.conversations(), PATIENT).toEqual([]);
  await expect.poll(() => other.screen.conversations()[0]?.isBlocked, PATIENT).toBe(true);
  await one.client.outbox.send({ conversationId: chat, content: 'are you there?' });
  await expect.poll(() => one.screen.lines(chat).at(-1), PATIENT).toBe('are you there? failed');
  expect(one.client.outbox.entries.get()[0]?.error?.code).toBe('BLOCKED');
  await other.client.rest.blocks.remove(anna.me.username);
  await expect.poll(() => one.screen.conversations().length, PATIENT).toBe(1);
  expect(one.screen.shown()).toEqual(await one.screen.fresh());
  expect(other.screen.shown()).toEqual(await other.screen.fresh());
});

test('a deleted conversation comes back with the next message, without its history', { timeout: 30_000 }, async () => {
  const { one, other, chat } = await two();
  await one.client.outbox.send({ conversationId: chat, content: 'before' });
  await expect.poll(() => other.screen.messages(chat).length, PATIENT).toBe(1);
  await other.client.rest.conversations.delete(chat);
  await expect.poll(() => other.screen.conversations(), PATIENT).toEqual([]);
  expect(other.screen.messages(chat)).toEqual([]);
  await one.client.outbox.send({ conversationId: chat, content: 'after' });
  await expect.poll(() => other.screen.lines(chat), PATIENT).toEqual(['after received']);
  expect(other.screen.shown()).toEqual(await other.screen.fresh());
});

test('a conversation that somebody opens appears in the list, and a new one goes to the top', {
  timeout: 30_000,
}, async () => {
  const { bert, other, chat } = await two();
  const carl = (await join(server)).device();
  await online(carl);
  const second = await open(carl, bert);
  await expect.poll(() => other.screen.conversations().map(({ id }) => id), PATIENT).toEqual([second, chat]);
  await other.client.outbox.send({ conversationId: chat, content: 'hello' });
  await expect.poll(() => other.screen.conversations().map(({ id }) => id), PATIENT).toEqual([chat, second]);
  expect(other.screen.shown()).toEqual(await other.screen.fresh());
});

test('the partner sees who types, until the message is there', { timeout: 30_000 }, async () => {
  const { one, other, chat } = await two();
  one.client.setTyping(chat, true);
  await expect.poll(() => [...other.client.typing.get()], PATIENT).toEqual([chat]);
  await one.client.outbox.send({ conversationId: chat, content: 'hello' });
  await expect.poll(() => other.screen.lines(chat), PATIENT).toEqual(['hello received']);
  expect([...other.client.typing.get()]).toEqual([]);
});

test('who comes and goes is seen by the partner', { timeout: 30_000 }, async () => {
  const { bert, one, other, chat } = await two();
  await one.client.outbox.send({ conversationId: chat, content: 'hello' });
  await expect.poll(() => one.client.presence.get().get(bert.me.id)?.isOnline, PATIENT).toBe(true);
  other.platform.network.setOnline(false);
  await expect.poll(() => one.client.presence.get().get(bert.me.id)?.isOnline, PATIENT).toBe(false);
  expect(one.client.presence.get().get(bert.me.id)?.lastSeen).toBeTypeOf('string');
});

test('settings that change on one device are known on the other', { timeout: 30_000 }, async () => {
  const { anna, one } = await two();
  const second = anna.device();
  await online(second);
  await expect.poll(() => second.client.me.get()?.displayName, PATIENT).toBe(anna.me.displayName);
  await one.client.rest.users.update({ displayName: 'Anna Other' });
  await expect.poll(() => second.client.me.get()?.displayName, PATIENT).toBe('Anna Other');
});

test('what another device of mine writes appears here, and is read here when it is read there', {
  timeout: 30_000,
}, async () => {
  const { anna, one, other, chat } = await two();
  const second = anna.device();
  await online(second);
  await second.screen.load(chat);
  await one.client.outbox.send({ conversationId: chat, content: 'from one' });
  await expect.poll(() => second.screen.lines(chat).at(-1)?.startsWith('from one'), PATIENT).toBe(true);
  await other.client.outbox.send({ conversationId: chat, content: 'answer' });
  await expect.poll(() => second.client.totalUnread.get(), PATIENT).toBe(1);
  await one.client.markRead(chat);
  await expect.poll(() => second.client.totalUnread.get(), PATIENT).toBe(0);
  await expect
    .poll(
      () => second.screen.messages(chat).every(({ isRead, senderId }) => isRead || senderId === anna.me.id),
      PATIENT,
    )
    .toBe(true);
});

test('pages that are split here go on from where the server would', { timeout: 30_000 }, async () => {
  const { one, chat } = await two();
  await open(one, await join(server));
  for (const content of ['1', '2', '3']) {
    // biome-ignore lint/performance/noAwaitInLoops: in this order
    await one.client.rest.messages.send(chat, { content });
  }
  const { rest } = one.client;
  const page = await rest.messages.page(chat, null, { limit: 2 });
  expect(page.older).toBe(messageCursor(page.messages[1] as Message));
  const list = await rest.conversations.list({ limit: 1 });
  expect(list.data.meta.nextCursor).toBe(conversationCursor(list.data.conversations[0] as Conversation));
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChatService } from '../../src/chat-service.js';
import { type RunningServer, startServer } from '../server.js';
import { converse, join, type Person } from './people.js';

let server: RunningServer;
let [ann, ben] = [] as unknown as [Person, Person];

beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: 'off' });
  [ann, ben] = [await join(server), await join(server)];
}, 60_000);
afterAll(() => server.stop(), 60_000);

test('lists carry the position that was read before them', async () => {
  await converse(ann, ben, 1);
  const inbox = await ben.rest.conversations.list();
  expect(inbox.position).toBeGreaterThan(0);
  expect(inbox.data.conversations[0]).toMatchObject({ otherUser: { id: ann.me.id }, unreadCount: 1 });
  expect((await ben.rest.conversations.unread()).data.totalUnread).toBe(1);
});

test('the same key is answered with the same message, no key makes another', async () => {
  const { id } = await converse(ann, ben, 0);
  const key = crypto.randomUUID();
  const send = (given?: string) => ann.rest.messages.send(id, { content: 'once' }, given);
  const [first, again, other] = [await send(key), await send(key), await send()];
  expect(again.data.id).toBe(first.data.id);
  expect(other.data.id).not.toBe(first.data.id);
});

test('a conversation is read up to a message, then whole', async () => {
  const carla = await join(server);
  const { id, sent } = await converse(carla, ben, 3);
  expect((await ben.rest.conversations.markRead(id, sent[1])).data.markedCount).toBe(2);
  expect((await ben.rest.conversations.markRead(id)).data.markedCount).toBe(1);
});

test('a message is fetched, found with its neighbours, and deleted', async () => {
  const { id, sent } = await converse(ann, ben, 3);
  const [, middle = ''] = sent;
  expect((await ben.rest.messages.get(middle)).data.content).toBe('message 2');
  const around = await ben.rest.messages.context(middle, { before: 1, after: 1 });
  expect(around.data.messages.map((message) => message.id)).toEqual([...sent].reverse());
  expect((await ann.rest.messages.delete(middle)).data.messageId).toBe(middle);
  await expect(ben.rest.messages.get(middle)).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 });
  expect((await ben.rest.messages.list(id, { limit: 2 })).data.messages.map((m) => m.id)).toEqual([sent[2], sent[0]]);
});

test('galleries list what was shared', async () => {
  const { id } = await converse(ann, ben, 0);
  await ann.rest.messages.send(id, { content: 'see https://example.com/a' });
  expect((await ben.rest.conversations.links(id)).data.links[0]?.url).toBe('https://example.com/a');
  expect((await ben.rest.conversations.media(id)).data.media).toEqual([]);
  expect((await ben.rest.conversations.files(id, { limit: 1 })).data.files).toEqual([]);
});

test('a conversation goes out of the list', async () => {
  const dora = await join(server);
  const { id } = await converse(dora, ben, 1);
  await dora.rest.conversations.delete(id);
  expect((await dora.rest.conversations.list()).data.conversations).toEqual([]);
});

test('blocks are put, listed, asked for and taken away', async () => {
  const [eve, fay] = [await join(server), await join(server)];
  await eve.rest.blocks.add(fay.me.username);
  expect((await eve.rest.blocks.list()).data.blocks[0]?.blockedUser.id).toBe(fay.me.id);
  expect((await fay.rest.blocks.status(eve.me.username)).data).toMatchObject({ isBlockedBy: true });
  await eve.rest.blocks.remove(fay.me.username);
  expect((await eve.rest.blocks.status(fay.me.username)).data.canSendMessage).toBe(true);
});

test('settings are changed, people found and followed, an account erased', async () => {
  const gil = await join(server);
  expect((await gil.rest.users.update({ displayName: 'กิล & Co' })).data.displayName).toBe('กิล & Co');
  expect((await gil.rest.users.me()).data.displayName).toBe('กิล & Co');
  const found = await gil.rest.users.search(ann.me.username.toUpperCase(), { limit: 5 });
  expect(found.data.users.map((user) => user.id)).toEqual([ann.me.id]);
  await gil.rest.users.follow(ann.me.username);
  await gil.rest.users.unfollow(ann.me.username);
  await expect(gil.rest.users.erase('wrong')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await gil.rest.users.erase(`password of ${gil.me.username}`);
  await expect(gil.rest.users.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test.each(['keep', 'remove'] as const)('what an erased user has written stays, or goes with them: %s', async (fate) => {
  const [ivy, jon] = [await join(server), await join(server)];
  const { id } = await converse(ivy, jon, 1);
  await ivy.rest.users.erase(`password of ${ivy.me.username}`, fate);
  const { messages } = (await jon.rest.messages.list(id)).data;
  expect(messages).toHaveLength(fate === 'keep' ? 1 : 0);
});

test('events come after a position, at once or as soon as there is one', async () => {
  const hal = await join(server);
  const { id } = await converse(hal, ben, 1);
  const head = (await hal.rest.events({})).data;
  const waiting = hal.rest.events({ since: head.position, epoch: head.epoch, wait: 20 });
  await ben.rest.messages.send(id, { content: 'back' });
  const { data } = await waiting;
  expect('events' in data && data.events.map((frame) => frame.type)).toContain('message.new');
  expect((await hal.rest.events({ since: 10_000 })).data).toMatchObject({ reset: true, reason: 'ahead' });
});

test('an error keeps what the server said', async () => {
  const refused = ann.rest.messages.send(crypto.randomUUID(), { content: 'x' });
  await expect(refused).rejects.toMatchObject({ name: 'DuologueError', code: 'NOT_FOUND', isRetryable: false });
  await expect(refused).rejects.toHaveProperty('requestId', expect.any(String));
});

test('the chat service has the five names, and answers as they stand', async () => {
  const ivy = await join(server);
  const service = createChatService(ivy);
  const { id } = await converse(ivy, ben, 2);
  await converse(ivy, ann, 1);
  const { data } = await service.sendMessage(id, 'hello');
  expect((await service.getMessages(id)).data.messages[0]?.id).toBe(data.id);
  expect((await service.markAsRead(id)).data.markedCount).toBe(0);
  const inbox = await service.getConversations();
  expect(inbox.data.meta).toEqual({ hasMore: false });
  const oldest = (await ivy.rest.messages.list(id, { limit: 1 })).data.meta.nextCursor;
  expect((await service.getMessages(id, oldest)).data.messages).toHaveLength(2);
  expect((await service.blockUser(ann.me.username)).data.blockedUser.id).toBe(ann.me.id);
});

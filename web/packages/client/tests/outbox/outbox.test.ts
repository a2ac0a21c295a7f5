import { expect, test } from 'vitest';
import type { Draft } from '../../src/model.js';
import { createWorld, manualTimers } from '../../src/platform/memory.js';
import { openTab, ScriptedServer, states, type Tab, texts } from '../stage.js';

const CHAT = 'aaaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa';
const OTHER = 'bbbbbbbb-bbbb-7bbb-8bbb-bbbbbbbbbbbb';

function write(content: string, conversationId = CHAT) {
  return { conversationId, content };
}

/** At once; resolves with their keys. */
async function sendAll({ client }: Tab, ...drafts: Draft[]): Promise<string[]> {
  const sent = await Promise.all(drafts.map((draft) => client.outbox.send(draft)));
  return sent.map(({ key }) => key);
}

/** Waits for a promise while no time passes. */
async function now<T>(tab: { advance: (ms: number) => Promise<void> }, promise: Promise<T>): Promise<T> {
  const result = await promise;
  await tab.advance(0);
  return result;
}

test('messages of a conversation are sent in order, one after the other; others are not held up', async () => {
  const server = new ScriptedServer();
  server.policy = ({ content }) => (content === 'one' ? 'ignore' : 'take');
  const tab = await openTab({ server });
  await sendAll(tab, write('one'), write('two'), write('other', OTHER));
  await tab.advance(0);
  expect(server.sends).toEqual(['one', 'other']);
  expect(texts(tab)).toEqual(['one', 'two']);
  expect(states(tab)).toEqual(['sending', 'queued']);
});

test('what is written offline waits, and goes out in order when the connection is there', async () => {
  const server = new ScriptedServer();
  const tab = await openTab({ server });
  tab.platform.network.setOnline(false);
  await sendAll(tab, write('one'), write('two'), write('three'));
  await tab.advance(60_000);
  expect(states(tab)).toEqual(['queued', 'queued', 'queued']);
  expect(server.sends).toEqual([]);
  tab.platform.network.setOnline(true);
  await tab.advance(1000);
  expect(server.stored.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
  expect(texts(tab)).toEqual([]);
});

test('a send whose answer is lost goes again under the same key, and is stored once', async () => {
  const server = new ScriptedServer();
  server.policy = () => 'take silently';
  const tab = await openTab({ server });
  await now(tab, tab.client.outbox.send(write('one')));
  server.policy = () => 'take';
  server.cut();
  await tab.advance(30_000);
  expect(server.sends).toEqual(['one', 'one']);
  expect(server.stored).toHaveLength(1);
  expect(texts(tab)).toEqual([]);
});

test('a final refusal fails one message, says why, and holds up nobody', async () => {
  const server = new ScriptedServer();
  server.policy = ({ content }) => (content === 'one' ? { code: 'BLOCKED' } : 'take');
  const tab = await openTab({ server });
  await sendAll(tab, write('one'), write('two'));
  await tab.advance(60_000);
  expect(server.stored.map(({ content }) => content)).toEqual(['two']);
  expect(tab.client.outbox.entries.get()).toMatchObject([
    { state: 'failed', draft: { content: 'one' }, error: { code: 'BLOCKED', retryable: false } },
  ]);
});

test('a failed message is sent again by hand, under the same key', async () => {
  const server = new ScriptedServer();
  server.policy = () => ({ code: 'FORBIDDEN' });
  const tab = await openTab({ server });
  const { key } = await now(tab, tab.client.outbox.send(write('one')));
  server.policy = () => 'take';
  await now(tab, tab.client.outbox.retry(key));
  expect(server.stored).toMatchObject([{ tempId: key }]);
  expect(texts(tab)).toEqual([]);
});

test('after a RATE_LIMITED nothing goes until the server said, then one by one', async () => {
  const server = new ScriptedServer();
  server.policy = () => ({ code: 'RATE_LIMITED', retryAfter: 10 });
  const tab = await openTab({ server });
  await now(tab, tab.client.outbox.send(write('one')));
  await now(tab, tab.client.outbox.send(write('other', OTHER)));
  await tab.advance(9900);
  expect(server.sends).toEqual(['one']);
  server.policy = () => 'ignore';
  await tab.advance(400);
  expect(server.sends).toEqual(['one', 'one']);
  expect(states(tab)).toEqual(['sending', 'queued']);
});

test('a fault of the server is given up after some tries', async () => {
  const server = new ScriptedServer();
  server.policy = () => ({ code: 'INTERNAL_ERROR' });
  const tab = await openTab({ server });
  await tab.client.outbox.send(write('one'));
  await tab.advance(300_000);
  expect(server.sends).toHaveLength(5);
  expect(tab.client.outbox.entries.get()).toMatchObject([{ state: 'failed', error: { retryable: true } }]);
});

test('a reload keeps what waits, and sends it in order under the same keys', async () => {
  const server = new ScriptedServer();
  server.policy = ({ content }) => (content === 'one' ? 'take silently' : 'take');
  const shared = { server, world: createWorld(), timers: manualTimers(0) };
  const before = await openTab(shared);
  const keys = await sendAll(before, write('one'), write('two'), write('three'));
  await before.advance(0);
  before.platform.end();
  server.policy = () => 'take';
  const after = await openTab({ ...shared, seed: 2 });
  await after.advance(0);
  expect(server.stored.map(({ tempId }) => tempId)).toEqual(keys);
  expect(server.sends).toEqual(['one', 'one', 'two', 'three']);
});

test('what failed is there after a reload, and stays until it is discarded', async () => {
  const server = new ScriptedServer();
  server.policy = () => ({ code: 'BLOCKED' });
  const shared = { server, world: createWorld(), timers: manualTimers(0) };
  const before = await openTab(shared);
  const { key } = await now(before, before.client.outbox.send(write('one')));
  before.platform.end();
  const after = await openTab({ ...shared, seed: 2 });
  expect(after.client.outbox.entries.get()).toMatchObject([{ key, state: 'failed' }]);
  await now(after, after.client.outbox.discard(key));
  expect(texts(after)).toEqual([]);
  after.platform.end();
  expect(texts(await openTab({ ...shared, seed: 3 }))).toEqual([]);
});

test('an entry goes when all listeners were given the message, not before', async () => {
  const server = new ScriptedServer();
  const tab = await openTab({ server });
  const during: number[] = [];
  tab.client.on('message.sent', () => during.push(tab.client.outbox.entries.get().length));
  await now(tab, tab.client.outbox.send(write('one')));
  expect(during).toEqual([1]);
  expect(texts(tab)).toEqual([]);
});

test('a confirmed message whose fact was missed is shown a little longer, and holds up nobody', async () => {
  const server = new ScriptedServer();
  server.tellsFacts = false;
  const tab = await openTab({ server });
  await sendAll(tab, write('one'), write('two'));
  await tab.advance(4900);
  expect(server.sends).toEqual(['one', 'two']);
  expect(texts(tab)).toEqual(['one', 'two']);
  await tab.advance(200);
  expect(texts(tab)).toEqual([]);
});

test('what was discarded before it left is never sent', async () => {
  const server = new ScriptedServer();
  const tab = await openTab({ server });
  tab.platform.network.setOnline(false);
  const { key } = await tab.client.outbox.send(write('one'));
  await tab.client.outbox.discard(key);
  tab.platform.network.setOnline(true);
  await tab.advance(60_000);
  expect(server.sends).toEqual([]);
});

test('without room in storage the caller hears of it, and nothing is sent', async () => {
  const server = new ScriptedServer();
  const world = createWorld();
  const full = (): Promise<void> => Promise.reject(new Error('no room'));
  const tab = await openTab({
    server,
    world: { ...world, storage: (name) => ({ ...world.storage(name), put: full }) },
  });
  await expect(tab.client.outbox.send(write('one'))).rejects.toThrow('no room');
  await tab.advance(60_000);
  expect([texts(tab), server.sends]).toEqual([[], []]);
});

test('signing out leaves nothing of the outbox on the device', async () => {
  const server = new ScriptedServer();
  server.policy = () => 'ignore';
  const shared = { server, world: createWorld(), timers: manualTimers(0) };
  const before = await openTab(shared);
  await now(before, before.client.outbox.send(write('one')));
  await before.client.signOut();
  expect(texts(before)).toEqual([]);
  expect(texts(await openTab({ ...shared, seed: 2 }))).toEqual([]);
});

test('who waits is sent at once when the connection comes back', async () => {
  const server = new ScriptedServer();
  server.policy = () => ({ code: 'UNAVAILABLE', retryAfter: 600 });
  const tab = await openTab({ server });
  await now(tab, tab.client.outbox.send(write('one')));
  server.policy = () => 'take';
  server.cut();
  await tab.advance(30_000);
  expect(server.stored).toHaveLength(1);
});

test('answers that never come hold up nobody when the messages are known to be there', async () => {
  const server = new ScriptedServer();
  server.policy = () => 'tell the fact';
  const tab = await openTab({ server });
  const chats = Array.from({ length: 10 }, (_, number) => `${number}`);
  await sendAll(tab, ...chats.map((chat) => write(`to ${chat}`, chat)));
  await tab.advance(0);
  expect(server.stored).toHaveLength(10);
  expect(texts(tab)).toEqual([]);
});

test('what an earlier visit left goes before what is written now, however slow storage is', async () => {
  const server = new ScriptedServer();
  server.policy = () => 'ignore';
  const shared = { server, timers: manualTimers(0) };
  const world = createWorld();
  const before = await openTab({ ...shared, world });
  await sendAll(before, write('left'));
  before.platform.end();
  server.policy = () => 'take';
  server.heard.length = 0;
  const storage: typeof world.storage = (name) => {
    const fast = world.storage(name);
    const later = (): Promise<void> => new Promise((done) => shared.timers.after(1000, done));
    return { ...fast, all: async (table) => later().then(() => fast.all(table)) };
  };
  const after = await openTab({ ...shared, world: { ...world, storage }, seed: 2 });
  after.client.outbox.send(write('now'));
  await after.advance(5000);
  expect(server.sends).toEqual(['left', 'now']);
});

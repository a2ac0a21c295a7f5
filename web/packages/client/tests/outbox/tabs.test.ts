import { expect, test } from 'vitest';
import { createWorld, manualTimers } from '../../src/platform/memory.js';
import { openTab, ScriptedServer, states, type Tab, texts } from '../stage.js';

const CHAT = 'aaaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa';

async function twoTabs(): Promise<{ server: ScriptedServer; leader: Tab; follower: Tab }> {
  const server = new ScriptedServer();
  const shared = { server, world: createWorld(), timers: manualTimers(0) };
  const leader = await openTab({ ...shared, seed: 1 });
  const follower = await openTab({ ...shared, seed: 2 });
  return { server, leader, follower };
}

async function send(tab: Tab, content: string): Promise<string> {
  const { key } = await tab.client.outbox.send({ conversationId: CHAT, content });
  await tab.advance(0);
  return key;
}

test('what a tab without the socket writes is sent by the one that has it, once', async () => {
  const { server, leader, follower } = await twoTabs();
  await send(follower, 'one');
  expect(server.connections).toBe(1);
  expect(server.sends).toEqual(['one']);
  expect([texts(leader), texts(follower)]).toEqual([[], []]);
});

test('all tabs show the same entries in the same states', async () => {
  const { server, leader, follower } = await twoTabs();
  server.policy = ({ content }) => (content === 'no' ? { code: 'BLOCKED' } : 'ignore');
  await send(follower, 'no');
  await send(leader, 'one');
  await send(follower, 'two');
  for (const tab of [leader, follower]) {
    expect(texts(tab)).toEqual(['no', 'one', 'two']);
    expect(states(tab)).toEqual(['failed', 'sending', 'queued']);
  }
});

test('any tab can send again what failed', async () => {
  const { server, leader, follower } = await twoTabs();
  server.policy = () => ({ code: 'BLOCKED' });
  const key = await send(leader, 'one');
  server.policy = () => 'take';
  await follower.client.outbox.retry(key);
  await follower.advance(0);
  expect(server.stored).toMatchObject([{ tempId: key }]);
  expect([texts(leader), texts(follower)]).toEqual([[], []]);
});

test('what one tab discards is gone in all, and never sent', async () => {
  const { server, leader, follower } = await twoTabs();
  server.policy = ({ content }) => (content === 'one' ? 'ignore' : 'take');
  await send(leader, 'one');
  const key = await send(leader, 'two');
  await follower.client.outbox.discard(key);
  await follower.advance(0);
  expect([texts(leader), texts(follower)]).toEqual([['one'], ['one']]);
  server.policy = () => 'take';
  server.cut();
  await leader.advance(60_000);
  expect(server.stored.map(({ content }) => content)).toEqual(['one']);
});

test('when the tab with the socket closes in the middle, another one goes on', async () => {
  const { server, leader, follower } = await twoTabs();
  server.policy = () => 'take silently';
  await send(leader, 'one');
  await send(follower, 'two');
  leader.platform.end();
  server.cut();
  server.policy = () => 'take';
  await follower.advance(60_000);
  expect(server.stored.map(({ content }) => content)).toEqual(['one', 'two']);
  expect(texts(follower)).toEqual([]);
});

test('a tab that is opened later shows what waits, as far as it is', async () => {
  const server = new ScriptedServer();
  server.policy = () => 'ignore';
  const shared = { server, world: createWorld(), timers: manualTimers(0) };
  const leader = await openTab({ ...shared, seed: 1 });
  await send(leader, 'one');
  const later = await openTab({ ...shared, seed: 2 });
  expect([texts(later), states(later)]).toEqual([['one'], ['sending']]);
});

import { expect, test } from 'vitest';
import { createWorld, manualTimers } from '../../src/platform/memory.js';
import { openTab, ScriptedServer } from '../stage.js';

const CHAT = 'aaaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa';

function place() {
  return { server: new ScriptedServer(), world: createWorld(), timers: manualTimers(0) };
}

test('a draft is there after a reload, and what was typed last counts', async () => {
  const shared = place();
  const before = await openTab(shared);
  const kept = [before.client.drafts.set(CHAT, 'he'), before.client.drafts.set(CHAT, 'hello')];
  await before.advance(300);
  await Promise.all(kept);
  before.platform.end();
  const { client } = await openTab({ ...shared, seed: 2 });
  expect(await client.drafts.get(CHAT)).toBe('hello');
  expect(client.drafts.all.get()).toEqual(new Map([[CHAT, 'hello']]));
});

test('a draft is kept at once when the page is hidden, for it may never be shown again', async () => {
  const shared = place();
  const before = await openTab(shared);
  const kept = before.client.drafts.set(CHAT, 'hello');
  before.platform.network.setVisible(false);
  await kept;
  before.platform.end();
  const { client } = await openTab({ ...shared, seed: 2 });
  expect(await client.drafts.get(CHAT)).toBe('hello');
});

test('an empty draft is none', async () => {
  const shared = place();
  const before = await openTab(shared);
  before.client.drafts.set(CHAT, 'hello');
  await before.advance(300);
  before.client.drafts.set(CHAT, '');
  expect(before.client.drafts.all.get()).toEqual(new Map());
  await before.advance(300);
  before.platform.end();
  const { client } = await openTab({ ...shared, seed: 2 });
  expect(await client.drafts.get(CHAT)).toBe('');
});

test('other tabs show the draft when the typing pauses, but never over what is typed there', async () => {
  const shared = place();
  const one = await openTab(shared);
  const other = await openTab({ ...shared, seed: 2 });
  one.client.drafts.set(CHAT, 'hello');
  await one.advance(300);
  expect(await other.client.drafts.get(CHAT)).toBe('hello');
  one.client.drafts.set(CHAT, 'hello you');
  await one.advance(200);
  other.client.drafts.set(CHAT, 'mine');
  await one.advance(100);
  expect(await other.client.drafts.get(CHAT)).toBe('mine');
});

test('the map of drafts is the same object until one changes', async () => {
  const { client, advance } = await openTab(place());
  client.drafts.set(CHAT, 'hello');
  const before = client.drafts.all.get();
  client.drafts.set(CHAT, 'hello');
  await advance(300);
  expect(client.drafts.all.get()).toBe(before);
});

import '../browser';

import { conversationsOptions } from '@duologue/react';
import { afterEach, expect, it, vi } from 'vitest';
import { conversationOf, join, type Person, writeAll } from '../../../packages/react/tests/person';
import { serverOfFile } from '../../../packages/react/tests/setup';
import { Inbox } from '../../src/inbox/inbox';
import { seenBy } from '../people';
import { fireEvent, screen, waitFor, within } from '../testing';

const server = serverOfFile();

const rows = () => screen.getAllByRole('link');
const row = (partner: Person) => rows().find((link) => link.textContent.includes(partner.me.displayName));
const textOf = (partner: Person) => row(partner)?.textContent ?? '';

afterEach(() => vi.unstubAllGlobals());

/** The server gives so many conversations at once. */
function inPagesOf(limit: number): void {
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
    const url = new URL(input);
    if (url.pathname.endsWith('/conversations')) url.searchParams.set('limit', String(limit));
    return fetch(url, init);
  });
}

async function withPartners(count: number) {
  const anna = await join(server());
  const partners = await Promise.all(Array.from({ length: count }, () => join(server())));
  const ids = await Promise.all(partners.map((partner) => conversationOf(anna, partner)));
  return { anna, partners, ids };
}

it('tells who wrote what last, and how much is unread', async () => {
  const { anna, partners, ids } = await withPartners(2);
  const [ben, cem] = partners;
  if (ben === undefined || cem === undefined) throw new Error('there are two');
  await writeAll(ben, ids[0] ?? '', ['One', 'Two']);
  await anna.write(ids[1] ?? '', 'Mine');
  seenBy(anna, <Inbox />);
  await screen.findByText('Two');
  expect(textOf(ben)).toContain('2 unread messages');
  expect(textOf(cem)).toContain('You:Mine');
  expect(within(row(cem) ?? document.body).getByRole('img', { name: 'Sent' })).toBeTruthy();
  await waitFor(() => expect(anna.client.connection.status.get().state).toBe('online'));
  await ben.write(ids[0] ?? '', 'Three');
  await waitFor(() => expect(textOf(ben)).toContain('Three'));
  expect(textOf(ben)).toContain('3 unread messages');
});

it('shows a draft in place of the last message, and typing in place of both', async () => {
  const { anna, partners, ids } = await withPartners(1);
  const [ben] = partners;
  const [id] = ids;
  if (ben === undefined || id === undefined) throw new Error('there is one');
  await ben.write(id, 'Said');
  seenBy(anna, <Inbox />);
  await screen.findByText('Said');
  await anna.client.drafts.set(id, 'Half a');
  await waitFor(() => expect(textOf(ben)).toContain('Draft: Half a'));
  const stop = ben.client.start();
  await waitFor(() => expect(ben.client.connection.status.get().state).toBe('online'));
  ben.client.setTyping(id, true);
  await waitFor(() => expect(textOf(ben)).toContain('typing'));
  ben.client.setTyping(id, false);
  await waitFor(() => expect(textOf(ben)).toContain('Draft: Half a'));
  stop();
});

it('is one stop for Tab, and arrows, Home and End move in it', async () => {
  const { anna, partners, ids } = await withPartners(3);
  await Promise.all(partners.map((partner, index) => partner.write(ids[index] ?? '', 'Hello')));
  seenBy(anna, <Inbox />);
  await waitFor(() => expect(rows()).toHaveLength(3));
  const reachable = () => rows().map((link) => link.tabIndex);
  expect(reachable()).toEqual([0, -1, -1]);
  const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
  rows()[0]?.focus();
  press('ArrowDown');
  expect(document.activeElement).toBe(rows()[1]);
  await waitFor(() => expect(reachable()).toEqual([-1, 0, -1]));
  press('End');
  press('ArrowDown');
  expect(document.activeElement).toBe(rows()[2]);
  press('Home');
  expect(document.activeElement).toBe(rows()[0]);
});

it('can show the unread ones alone, and says when there are none', async () => {
  const { anna, partners, ids } = await withPartners(2);
  await partners[0]?.write(ids[0] ?? '', 'Hello');
  seenBy(anna, <Inbox />);
  await waitFor(() => expect(rows()).toHaveLength(2));
  fireEvent.click(screen.getByRole('radio', { name: 'Unread' }));
  expect(rows()).toHaveLength(1);
  await anna.client.markRead(ids[0] ?? '');
  await screen.findByText('All read');
  fireEvent.click(screen.getByRole('button', { name: 'Show all' }));
  expect(rows()).toHaveLength(2);
});

it('goes on to what is unread though nothing that came with a page is', async () => {
  const { anna, partners, ids } = await withPartners(3);
  await partners[0]?.write(ids[0] ?? '', 'Waiting');
  for (const [index, partner] of partners.entries()) {
    if (index === 0) continue;
    // biome-ignore lint/performance/noAwaitInLoops: their order is that of the list
    await partner.write(ids[index] ?? '', 'Known');
    await anna.client.rest.conversations.markRead(ids[index] ?? '');
  }
  inPagesOf(1);
  seenBy(anna, <Inbox />);
  fireEvent.click(screen.getByRole('radio', { name: 'Unread' }));
  await screen.findByText('Waiting');
  expect(rows()).toHaveLength(1);
});

it('deletes a conversation after a question', async () => {
  const { anna, partners, ids } = await withPartners(1);
  await partners[0]?.write(ids[0] ?? '', 'Hello');
  seenBy(anna, <Inbox />);
  await waitFor(() => expect(rows()).toHaveLength(1));
  await waitFor(() => expect(anna.client.connection.status.get().state).toBe('online'));
  fireEvent.contextMenu(rows()[0] ?? document.body);
  fireEvent.click(screen.getByRole('menuitem', { name: 'Delete conversation', hidden: true }));
  const dialog = await screen.findByRole('dialog');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Delete conversation' }));
  await screen.findByText('No conversations yet');
});

it('leaves a conversation that is deleted, also when its row is gone before the answer', async () => {
  const { anna, partners, ids } = await withPartners(1);
  const [ben] = partners;
  await ben?.write(ids[0] ?? '', 'Hello');
  const seen = seenBy(anna, <Inbox selected={ben?.me.username} />);
  await waitFor(() => expect(rows()).toHaveLength(1));
  await waitFor(() => expect(anna.client.connection.status.get().state).toBe('online'));
  fireEvent.click(rows()[0] ?? document.body);
  expect(seen.path()).toBe(`/chat/${ben?.me.username}`);
  fireEvent.contextMenu(rows()[0] ?? document.body);
  fireEvent.click(screen.getByRole('menuitem', { name: 'Delete conversation', hidden: true }));
  const held = anna.hold(`/conversations/${ids[0]}`);
  fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Delete conversation' }));
  await screen.findByText('No conversations yet');
  held.release();
  await waitFor(() => expect(seen.path()).toBe('/'));
});

it('renders no row again when one goes elsewhere, and leaves clicks for another tab to the browser', async () => {
  const { anna, partners, ids } = await withPartners(2);
  await Promise.all(partners.map((partner, index) => partner.write(ids[index] ?? '', 'Hello')));
  const seen = seenBy(anna, <Inbox />);
  await waitFor(() => expect(rows()).toHaveLength(2));
  const looks: string[] = [];
  for (const { data } of anna.cache.getQueryData(conversationsOptions(anna.client).queryKey)?.pages ?? []) {
    for (const conversation of data.conversations) {
      const get = () => {
        looks.push(conversation.id);
        return false;
      };
      Object.defineProperty(conversation, 'isBlocked', { get });
    }
  }
  const [first = document.body, second = document.body] = rows();
  expect(fireEvent.click(first, { ctrlKey: true })).toBe(true);
  expect(seen.path()).toBe('/');
  looks.length = 0;
  expect(fireEvent.click(second)).toBe(false);
  expect(seen.path()).toBe(second.getAttribute('href'));
  expect(looks).toEqual([]);
  fireEvent.contextMenu(first); // a row that does render is seen
  expect(looks).not.toEqual([]);
});

it('offers the menu of a row to a finger that rests on it, and does not go there', async () => {
  const { anna, partners, ids } = await withPartners(1);
  await partners[0]?.write(ids[0] ?? '', 'Hello');
  const seen = seenBy(anna, <Inbox />);
  await waitFor(() => expect(rows()).toHaveLength(1));
  const link = rows()[0] ?? document.body;
  fireEvent.pointerDown(link, { pointerType: 'touch', isPrimary: true });
  await screen.findByRole('menuitem', { name: 'Delete conversation', hidden: true });
  fireEvent.pointerUp(link, { pointerType: 'touch', isPrimary: true });
  expect(fireEvent.click(link)).toBe(false);
  expect(seen.path()).toBe('/');
});

it('finds somebody by the beginning of the username, asks once the typing settles, and opens by Enter', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const seen = seenBy(anna, <Inbox />);
  fireEvent.click(await screen.findByRole('button', { name: 'New conversation' }));
  const field = await screen.findByRole('combobox', { name: 'Username' });
  for (const end of [1, 2, 3]) fireEvent.change(field, { target: { value: ben.me.username.slice(0, end) } });
  fireEvent.change(field, { target: { value: ben.me.username } });
  await screen.findByRole('option');
  expect(anna.requests.filter((request) => request.includes('query='))).toHaveLength(1);
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(seen.path()).toBe(`/chat/${ben.me.username}`);
});

it('opens nobody who does not fit what is typed now, though the last answer found them', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const seen = seenBy(anna, <Inbox />);
  fireEvent.click(await screen.findByRole('button', { name: 'New conversation' }));
  const field = await screen.findByRole('combobox', { name: 'Username' });
  fireEvent.change(field, { target: { value: ben.me.username } });
  await screen.findByRole('option');
  fireEvent.change(field, { target: { value: `${ben.me.username}x` } });
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(screen.queryByRole('option')).toBeNull();
  expect(screen.queryByText('begins with', { exact: false })).toBeNull();
  expect(seen.path()).toBe('/');
  await screen.findByText(`Nobody's username begins with "${ben.me.username}x".`);
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(seen.path()).toBe('/');
  fireEvent.change(field, { target: { value: ben.me.username.toUpperCase() } });
  await screen.findByRole('option');
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(seen.path()).toBe(`/chat/${ben.me.username}`);
});

import '../browser';

import { type keys, messagesOptions, useTyping } from '@duologue/react';
import { afterEach, expect, it, vi } from 'vitest';
import { conversationOf, join, type Person, renderAs, writeAll } from '../../../packages/react/tests/person';
import { serverOfFile } from '../../../packages/react/tests/setup';
import { Conversation } from '../../src/conversation/conversation';
import { seenBy } from '../people';
import { act, fireEvent, screen, waitFor, within } from '../testing';

const server = serverOfFile();
afterEach(() => {
  look('visible');
  vi.unstubAllGlobals();
});

/** Whether somebody looks at the tab. */
function look(state: 'visible' | 'hidden'): void {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  act(() => {
    document.dispatchEvent(new window.Event('visibilitychange'));
  });
}

async function pair(...texts: string[]) {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await writeAll(ben, id, texts);
  return { anna, ben, id };
}
const unreadOf = async (person: Person) => (await person.client.rest.conversations.unread()).data.totalUnread;
const open = (person: Person, partner: Person) => seenBy(person, <Conversation username={partner.me.username} />);

it('opens by username, with a line above what is unread, and marks it as read', async () => {
  const { anna, ben } = await pair('One', 'Two');
  open(anna, ben);
  const log = await screen.findByRole('log');
  expect(
    within(log)
      .getAllByRole('article')
      .map((row) => row.textContent),
  ).toEqual([expect.stringContaining('One'), expect.stringContaining('Two')]);
  expect(within(log).getByText('2 unread')).toBeTruthy();
  expect(log.getAttribute('aria-live')).toBe('off');
  await waitFor(async () => expect(await unreadOf(anna)).toBe(0));
  expect(within(log).getByText('2 unread')).toBeTruthy();
});

it('marks nothing as read while nobody looks at the tab', async () => {
  const { anna, ben, id } = await pair('One');
  look('hidden');
  open(anna, ben);
  await screen.findByText('One');
  await ben.write(id, 'Two');
  await screen.findAllByText('Two');
  expect(anna.requests.filter((request) => request.includes('/read'))).toEqual([]);
  expect(await unreadOf(anna)).toBe(2);
  look('visible');
  await waitFor(async () => expect(await unreadOf(anna)).toBe(0));
});

it('announces what comes in, not the history and not what one wrote', async () => {
  const { anna, ben, id } = await pair('Old');
  open(anna, ben);
  await screen.findByText('Old');
  const spoken = () => document.querySelector('[aria-atomic="true"][aria-live="polite"]')?.textContent;
  await waitFor(() => expect(anna.client.connection.status.get().state).toBe('online'));
  await anna.write(id, 'Mine');
  await screen.findByText('Mine');
  expect(spoken()).toBe('');
  await ben.write(id, 'Hello');
  await waitFor(() => expect(spoken()).toBe(`${ben.me.displayName}: Hello`));
});

it('says in words that somebody may not be written to, and that there is nobody', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  await ben.client.rest.users.update({ whoCanMessage: 'none' });
  const refused = open(anna, ben);
  await screen.findByText('Their privacy settings do not let you write to them.');
  refused.unmount();
  seenBy(anna, <Conversation username="nobody-of-this-name" />);
  await screen.findByText('There is nobody of this name here.');
  expect(screen.getAllByRole('link', { name: 'Back to all conversations' }).length).toBeGreaterThan(0);
});

it('says why one cannot write across a block, and how to end it', async () => {
  const { anna, ben } = await pair('One');
  await anna.client.rest.blocks.add(ben.me.username);
  open(anna, ben);
  await screen.findByText(`You blocked ${ben.me.displayName}. Unblock them to write.`);
  expect(document.querySelector('textarea')).toBeNull();
  await waitFor(() => expect(anna.client.connection.status.get().state).toBe('online'));
  fireEvent.click(screen.getByRole('button', { name: 'Unblock' }));
  await waitFor(() => expect(document.querySelector('textarea')).not.toBeNull());
});

it('says to the other one that they are not received', async () => {
  const { anna, ben } = await pair('One');
  open(anna, ben);
  await screen.findByText('One');
  await waitFor(() => expect(anna.client.connection.status.get().state).toBe('online'));
  await ben.client.rest.blocks.add(anna.me.username);
  await screen.findByText('They do not receive messages from you at present.');
});

it('renders no row again when somebody types or comes', async () => {
  const { anna, ben, id } = await pair('One', 'Two', 'Three');
  open(anna, ben);
  await screen.findByText('Three');
  await waitFor(async () => expect(await unreadOf(anna)).toBe(0));
  await waitFor(() => expect(anna.client.connection.status.get().state).toBe('online'));
  const { queryKey } = messagesOptions(anna.client, id);
  const looks: string[] = [];
  await waitFor(() => expect(newest(anna, queryKey)?.isRead).toBe(true));
  for (const message of anna.cache.getQueryData(queryKey)?.pages.flatMap((page) => page.messages) ?? []) {
    const { content } = message;
    const get = () => {
      looks.push(message.id);
      return content;
    };
    Object.defineProperty(message, 'content', { get });
  }
  const stop = ben.client.start();
  await screen.findByText('Online');
  const typist = renderAs(ben, () => useTyping(id));
  await waitFor(() => expect(ben.client.connection.status.get().state).toBe('online'));
  act(() => typist.result.current.setTyping(true));
  await screen.findByText('typing');
  expect(looks).toEqual([]);
  stop();
});

const openAt = (person: Person, partner: Person, around: string) =>
  seenBy(person, <Conversation username={partner.me.username} around={around} />);

it('shows nothing of another conversation, whatever the address says, and leads back to now', async () => {
  const { anna, ben } = await pair('From Ben');
  const cem = await join(server());
  const foreign = await cem.write(await conversationOf(cem, anna), 'From Cem');
  openAt(anna, ben, foreign);
  await screen.findByText('This message is not there any more');
  expect(screen.queryByText('From Cem')).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Back to now' }));
  await screen.findByText('From Ben');
});

it('says that a deleted message is gone, and does not offer to try again', async () => {
  const { anna, ben, id } = await pair('Kept');
  const gone = await ben.write(id, 'Gone');
  await ben.client.rest.messages.delete(gone);
  openAt(anna, ben, gone);
  await screen.findByText('It was deleted, or was never said in this conversation.');
  expect(screen.queryByText('There is nobody of this name here.')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
});

it('jumps to the same message again', async () => {
  const { anna, ben } = await pair('https://example.com/one', 'Two');
  open(anna, ben);
  await screen.findByText('Two');
  const jump = async () => {
    const before = screen.getByRole('log');
    fireEvent.click(screen.getByRole('button', { name: 'Media, files and links' }));
    fireEvent.click(await screen.findByRole('tab', { name: 'Links' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Show in the conversation' }));
    await waitFor(() => expect(screen.getByRole('log')).not.toBe(before));
    await waitFor(() => expect(document.querySelector('[data-target]')?.textContent).toContain('example.com'));
  };
  await jump();
  await jump();
});

it('tries again at the edge where it is pressed', async () => {
  const { anna, ben, id } = await pair('One', 'Two', 'Three');
  const middle = await ben.write(id, 'Four');
  await writeAll(ben, id, ['Five', 'Six', 'Seven']);
  const { fetch } = globalThis;
  let isRefusing = true;
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
    const url = new URL(input);
    if (url.pathname.endsWith('/context')) url.search = '?before=1&after=1';
    if (isRefusing && url.pathname.endsWith('/messages')) return Promise.resolve(REFUSED.clone());
    return fetch(url, init);
  });
  openAt(anna, ben, middle);
  await waitFor(() => expect(screen.getAllByText('More messages could not be loaded.')).toHaveLength(2));
  isRefusing = false;
  anna.requests.length = 0;
  fireEvent.click(screen.getAllByRole('button', { name: 'Try again' })[1] ?? document.body);
  await screen.findByText('Seven');
  expect(anna.requests.find((request) => request.includes('/messages'))).toContain('after=');
});

it('leaves the focus at the next message when one was deleted, and at the composer after the last', async () => {
  const { anna, ben, id } = await pair();
  await writeAll(anna, id, ['One', 'Two']);
  open(anna, ben);
  await screen.findByText('Two');
  await waitFor(() => expect(anna.client.connection.status.get().state).toBe('online'));
  const remove = async (content: string) => {
    const row = screen.getByText(content).closest('article') ?? document.body;
    row.focus();
    fireEvent.keyDown(row, { key: 'Enter' });
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Delete', hidden: true }));
    fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Delete' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await waitFor(() => expect(screen.queryByText(content)).toBeNull());
  };
  await remove('One');
  expect(document.activeElement?.textContent).toContain('Two');
  expect(document.activeElement?.getAttribute('role') ?? document.activeElement?.tagName).toBe('ARTICLE');
  await remove('Two');
  await waitFor(() => expect(document.activeElement).toBe(document.querySelector('textarea')));
});

const REFUSED = Response.json(
  { success: false, error: { code: 'VALIDATION_ERROR', message: 'No', requestId: 'r' } },
  { status: 400 },
);

function newest(person: Person, queryKey: ReturnType<typeof keys.messages>) {
  return person.cache.getQueryData<{ pages: { messages: { isRead: boolean }[] }[] }>(queryKey)?.pages[0]?.messages[0];
}

import './dom.js';

import { expect, test } from 'vitest';
import { useConversations, useOpenConversation } from '../src/index.js';
import { act, waitFor } from './dom-testing.js';
import { conversationOf, join, online, type Person, renderAs } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();
const MORE_THAN_A_PAGE = 22;

const MORE_THAN_TWO_PAGES = 42;

/** Somebody with so many conversations; the first partner wrote first. */
async function popular(count: number): Promise<{ anna: Person; partners: Person[] }> {
  const [anna, ...partners] = await Promise.all(Array.from({ length: count + 1 }, () => join(server())));
  if (anna === undefined) throw new Error('nobody joined');
  await partners.reduce(async (before, partner) => {
    await before;
    await partner.write(await conversationOf(partner, anna), 'Hi');
  }, Promise.resolve());
  return { anna, partners };
}

test('a conversation from beyond the loaded pages comes to the top, and stands there once', {
  timeout: 120_000,
}, async () => {
  const { anna, partners } = await popular(MORE_THAN_A_PAGE);
  const oldest = partners[0] ?? anna;
  const inbox = renderAs(anna, () => useConversations());
  const names = () => inbox.result.current.conversations.map(({ otherUser }) => otherUser.username);
  await online(anna);
  await waitFor(() => expect(inbox.result.current.isSuccess).toBe(true));
  expect(names()).not.toContain(oldest.me.username);
  await oldest.write(await conversationOf(oldest, anna), 'Me again');
  await waitFor(() => expect(names()[0]).toBe(oldest.me.username));
  expect(inbox.result.current.conversations[0]).toMatchObject({ unreadCount: 2, lastMessage: { content: 'Me again' } });
  await act(() => inbox.result.current.fetchNextPage());
  const rest = partners.slice(1).toReversed();
  await waitFor(() => expect(names()).toEqual([oldest, ...rest].map(({ me }) => me.username)));
});

test('a conversation that comes to the top while an older page is fetched stays there', {
  timeout: 120_000,
}, async () => {
  const { anna, partners } = await popular(MORE_THAN_TWO_PAGES);
  const oldest = partners[0] ?? anna;
  const inbox = renderAs(anna, () => useConversations());
  const names = () => inbox.result.current.conversations.map(({ otherUser }) => otherUser.username);
  await online(anna);
  await waitFor(() => expect(inbox.result.current.isSuccess).toBe(true));
  const held = anna.hold('/conversations');
  let fetched: Promise<unknown> | undefined;
  act(() => {
    fetched = inbox.result.current.fetchNextPage();
  });
  await held.answered;
  await oldest.write(await conversationOf(oldest, anna), 'Me again');
  await waitFor(() => expect(names()[0]).toBe(oldest.me.username));
  held.release();
  await act(async () => fetched);
  await waitFor(() => expect(names()).toHaveLength(41));
  expect(names()[0]).toBe(oldest.me.username);
  expect(new Set(names()).size).toBe(41);
});

test('who writes appears in an inbox of which all that was loaded is gone', { timeout: 120_000 }, async () => {
  const { anna, partners } = await popular(MORE_THAN_A_PAGE);
  const inbox = renderAs(anna, () => useConversations());
  await online(anna);
  await waitFor(() => expect(inbox.result.current.conversations).toHaveLength(20));
  const shown = inbox.result.current.conversations.map(({ id }) => id);
  await act(() => Promise.all(shown.map((id) => anna.client.rest.conversations.delete(id))));
  await waitFor(() => expect(inbox.result.current.conversations).toEqual([]));
  const last = partners.at(-1) ?? anna;
  await last.write(await conversationOf(last, anna), 'Back');
  await waitFor(() => expect(inbox.result.current.conversations).toHaveLength(3));
  expect(inbox.result.current.conversations[0]).toMatchObject({ lastMessage: { content: 'Back' } });
});

test('a conversation of the inbox opens by name without a network', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await ben.write(id, 'Hi');
  const inbox = renderAs(anna, () => useConversations());
  await waitFor(() => expect(inbox.result.current.conversations).toHaveLength(1));
  act(() => anna.platform.network.setOnline(false));
  const opened = renderAs(anna, () => useOpenConversation(ben.me.username));
  await waitFor(() => expect(opened.result.current.conversation?.id).toBe(id));
});

test('a conversation that was opened by name follows the inbox', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const inbox = renderAs(anna, () => useConversations());
  const opened = renderAs(anna, () => useOpenConversation(ben.me.username));
  await online(anna);
  await waitFor(() => expect(opened.result.current.conversation?.otherUser.id).toBe(ben.me.id));
  await waitFor(() => expect(inbox.result.current.conversations).toHaveLength(1));
  await ben.write(opened.result.current.conversation?.id ?? '', 'Seen?');
  await waitFor(() => expect(opened.result.current.conversation?.unreadCount).toBe(1));
});

test('nobody of that name is an error with its code', async () => {
  const anna = await join(server());
  const opened = renderAs(anna, () => useOpenConversation('nobody-of-that-name'));
  await waitFor(() => expect(opened.result.current.error).toMatchObject({ code: 'NOT_FOUND' }));
});

import './dom.js';

import { expect, test } from 'vitest';
import { keys, messagesOptions, useConversations, useMessages } from '../src/index.js';
import { act, waitFor } from './dom-testing.js';
import { conversationOf, join, online, type Person, renderAs, writeAll } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();
const NUMBERS = Array.from({ length: 45 }, (_, index) => `${index + 1}`);
const LISTS = /\/(messages|conversations)(\?|$)/;

const texts = (items: ReturnType<typeof useMessages>['items']) =>
  items.map((item) => (item.kind === 'message' ? item.message.content : item.pending.draft.content));

const listsAskedFor = (person: Person) => person.requests.filter((request) => LISTS.test(request));

test('what was fetched before the client was connected is brought up to date', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await ben.write(id, 'Before');
  await anna.cache.prefetchInfiniteQuery(messagesOptions(anna.client, id));
  await ben.write(id, 'Unheard');
  const thread = renderAs(anna, () => useMessages(id));
  expect(texts(thread.result.current.items)).toEqual(['Before']);
  await waitFor(() => expect(texts(thread.result.current.items)).toEqual(['Before', 'Unheard']));
});

test('after a loss of the connection that could resume, nothing is fetched', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const thread = renderAs(anna, () => useMessages(id));
  const inbox = renderAs(anna, () => useConversations());
  await online(anna);
  await waitFor(() => expect(inbox.result.current.conversations).toHaveLength(1));
  anna.requests.length = 0;
  act(() => anna.platform.network.setOnline(false));
  await ben.write(id, 'While you were away');
  act(() => anna.platform.network.setOnline(true));
  await waitFor(() => expect(texts(thread.result.current.items)).toEqual(['While you were away']));
  await waitFor(() => expect(inbox.result.current.conversations[0]?.unreadCount).toBe(1));
  expect(listsAskedFor(anna)).toEqual([]);
});

test('when the server cannot resume, lists begin anew with their first page', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await writeAll(ben, id, NUMBERS);
  const thread = renderAs(anna, () => useMessages(id));
  await online(anna);
  await waitFor(() => expect(thread.result.current.hasOlder).toBe(true));
  const first = thread.result.current.items.length;
  await act(() => thread.result.current.fetchOlder());
  await waitFor(() => expect(thread.result.current.items.length).toBeGreaterThan(first));
  anna.requests.length = 0;
  anna.client.connection.tell({ type: 'resume', payload: { since: 0, epoch: 'of another log' } });
  await waitFor(() => expect(listsAskedFor(anna)).toHaveLength(1));
  await waitFor(() => expect(anna.cache.isFetching({ queryKey: keys.messages(anna.me.id, id) })).toBe(0));
  await waitFor(() => expect(texts(thread.result.current.items)).toEqual(NUMBERS.slice(-first)));
  await ben.write(id, 'Still live');
  await waitFor(() => expect(texts(thread.result.current.items).at(-1)).toBe('Still live'));
});

test('a thread that was left while it began anew does so when it is opened again', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await ben.write(id, 'Before');
  const thread = renderAs(anna, () => useMessages(id));
  await online(anna);
  await waitFor(() => expect(texts(thread.result.current.items)).toEqual(['Before']));
  const held = anna.hold(`/${id}/messages`);
  anna.client.connection.tell({ type: 'resume', payload: { since: 0, epoch: 'of another log' } });
  await held.answered;
  await ben.write(id, 'After');
  await waitFor(() => expect(texts(thread.result.current.items)).toEqual(['Before', 'After']));
  thread.unmount();
  anna.requests.length = 0;
  const again = renderAs(anna, () => useMessages(id));
  await waitFor(() => expect(listsAskedFor(anna)).not.toEqual([])); // twice under StrictMode, which leaves the first
  held.release();
  await waitFor(() => expect(anna.cache.isFetching()).toBe(0));
  const { length } = listsAskedFor(anna);
  expect(texts(again.result.current.items)).toEqual(['Before', 'After']);
  renderAs(anna, () => useMessages(id));
  await waitFor(() => expect(anna.cache.isFetching()).toBe(0));
  expect(listsAskedFor(anna)).toHaveLength(length);
});

test('a list that was reset while a page was on its way is whole', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await writeAll(ben, id, NUMBERS);
  const thread = renderAs(anna, () => useMessages(id));
  await online(anna);
  await waitFor(() => expect(thread.result.current.hasOlder).toBe(true));
  const held = anna.hold(`/${id}/messages`);
  act(() => {
    thread.result.current.fetchOlder();
  });
  await held.answered;
  anna.client.connection.tell({ type: 'resume', payload: { since: 0, epoch: 'of another log' } });
  await ben.write(id, 'After');
  await waitFor(() => expect(texts(thread.result.current.items).at(-1)).toBe('After'));
  held.release();
  await waitFor(() => expect(anna.cache.isFetching()).toBe(0));
  const shown = texts(thread.result.current.items);
  expect(shown).toEqual([...NUMBERS, 'After'].slice(-shown.length));
});

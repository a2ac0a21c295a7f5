import './dom.js';

import { expect, test } from 'vitest';
import { useMessages, useSendMessage } from '../src/index.js';
import { act, waitFor } from './dom-testing.js';
import { conversationOf, join, type Person, renderAs } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();

/** The timeline with its sender, and every state in which each item was rendered. */
function mounted(person: Person, id: string) {
  const seen = new Map<string, string[]>();
  const counts: number[] = [];
  const { result } = renderAs(person, () => {
    const messages = useMessages(id);
    counts.push(messages.items.length);
    for (const { key, status } of messages.items) {
      const states = seen.get(key) ?? [];
      if (states.at(-1) !== status) seen.set(key, [...states, status]);
    }
    return { ...messages, ...useSendMessage(id) };
  });
  return { result, seen, counts };
}

test('a message shows at once and becomes sent under the same key, without vanishing in between', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const { result, seen, counts } = mounted(anna, id);
  await waitFor(() => expect(result.current.isLoading).toBe(false));
  const { key } = await act(() => result.current.send('Hello'));
  expect(result.current.items.map((item) => item.key)).toEqual([key]);
  await waitFor(() => expect(result.current.items).toMatchObject([{ kind: 'message', key, status: 'sent' }]));
  expect([...seen.keys()]).toEqual([key]);
  expect(seen.get(key)?.at(0)).toBe('queued');
  expect(counts.slice(counts.indexOf(1))).not.toContain(0);
});

test('without a network a message waits, and goes out once when it is back', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const { result, seen } = mounted(anna, id);
  await waitFor(() => expect(result.current.isLoading).toBe(false));
  act(() => anna.platform.network.setOnline(false));
  const { key } = await act(() => result.current.send('From the train'));
  await waitFor(() => expect(result.current.items).toMatchObject([{ key, status: 'queued' }]));
  act(() => anna.platform.network.setOnline(true));
  await waitFor(() => expect(result.current.items).toMatchObject([{ kind: 'message', key }]));
  expect(seen.get(key)?.[0]).toBe('queued');
  expect((await ben.client.rest.messages.list(id)).data.messages).toHaveLength(1);
});

test('without a network one sends into a thread that was never loaded, and its history comes with the network', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await ben.write(id, 'Before');
  anna.platform.network.setOnline(false);
  const { result } = mounted(anna, id);
  const { key } = await act(() => result.current.send('From the train'));
  await waitFor(() => expect(result.current).toMatchObject({ isLoaded: false, isOffline: true }));
  expect(result.current.items).toMatchObject([{ key, status: 'queued' }]);
  await waitFor(() => expect(result.current.error).toMatchObject({ code: 'NETWORK' }));
  expect(result.current).toMatchObject({ isLoaded: false, isOffline: true });
  act(() => anna.platform.network.setOnline(true));
  await waitFor(() => expect(result.current.items).toMatchObject([{ message: { content: 'Before' } }, { key }]));
  expect(result.current).toMatchObject({ isLoaded: true, isOffline: false, error: null });
});

test('a message that is refused stays as failed, and goes out when it is tried again', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await ben.client.rest.blocks.add(anna.me.username);
  const { result } = mounted(anna, id);
  const { key } = await act(() => result.current.send('Sorry'));
  await waitFor(() =>
    expect(result.current.items).toMatchObject([{ key, status: 'failed', pending: { error: { code: 'BLOCKED' } } }]),
  );
  await ben.client.rest.blocks.remove(anna.me.username);
  await act(() => result.current.retry(key));
  await waitFor(() => expect(result.current.items).toMatchObject([{ kind: 'message', key, status: 'sent' }]));
});

test('one that failed can be given up', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await ben.client.rest.blocks.add(anna.me.username);
  const { result } = mounted(anna, id);
  const { key } = await act(() => result.current.send('Never mind'));
  await waitFor(() => expect(result.current.items).toMatchObject([{ status: 'failed' }]));
  await act(() => result.current.discard(key));
  await waitFor(() => expect(result.current.items).toEqual([]));
});

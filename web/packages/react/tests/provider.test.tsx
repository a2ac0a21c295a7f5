import './dom.js';

import { expect, test } from 'vitest';
import { DuologueProvider, useConnection, useConversations, useMessages } from '../src/index.js';
import { renderHook, waitFor } from './dom-testing.js';
import { conversationOf, join, online, type Person, renderAs } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();

/** The person's client, and how many listen to its frames. */
function overheard(person: Person) {
  let listeners = 0;
  const client = {
    ...person.client,
    onFrame: (listener: Parameters<typeof person.client.onFrame>[0]) => {
      const stop = person.client.onFrame(listener);
      listeners += 1;
      return () => {
        listeners -= 1;
        stop();
      };
    },
  };
  return { client, listeners: () => listeners };
}

test('one socket and one bridge serve all providers, also under StrictMode, and end with the last', async () => {
  const anna = await join(server());
  const { client, listeners } = overheard(anna);
  const { result, unmount } = renderHook(() => useConnection(), {
    wrapper: ({ children }) => (
      <DuologueProvider client={client} queryClient={anna.cache}>
        <DuologueProvider client={client} queryClient={anna.cache}>
          {children}
        </DuologueProvider>
      </DuologueProvider>
    ),
  });
  await waitFor(() => expect(result.current.state).toBe('online'));
  expect(anna.sockets()).toBe(1);
  expect(listeners()).toBe(1);
  unmount();
  expect(listeners()).toBe(0);
  expect(client.connection.status.get().state).toBe('idle');
});

test('a message of the other one appears in inbox and timeline without a request', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const inbox = renderAs(anna, () => useConversations());
  const thread = renderAs(anna, () => useMessages(id));
  await online(anna);
  await waitFor(() => expect([inbox.result.current.isSuccess, thread.result.current.isLoading]).toEqual([true, false]));
  anna.requests.length = 0;
  await ben.write(id, 'Good morning');
  await waitFor(() => expect(thread.result.current.items).toMatchObject([{ message: { content: 'Good morning' } }]));
  await waitFor(() =>
    expect(inbox.result.current.conversations).toMatchObject([
      { id, unreadCount: 1, lastMessage: { content: 'Good morning' } },
    ]),
  );
  expect(anna.requests).toEqual([]);
});

test('who begins a conversation appears in the inbox of the other one', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const inbox = renderAs(anna, () => useConversations());
  await online(anna);
  await waitFor(() => expect(inbox.result.current.isSuccess).toBe(true));
  await ben.write(await conversationOf(ben, anna), 'Is this you?');
  await waitFor(() =>
    expect(inbox.result.current.conversations).toMatchObject([
      { otherUser: { id: ben.me.id }, lastMessage: { content: 'Is this you?' } },
    ]),
  );
});

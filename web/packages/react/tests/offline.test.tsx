import './dom.js';

import { onlineManager } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { useBlocks, useDeleteConversation, useDeleteMessage } from '../src/index.js';
import { act, waitFor } from './dom-testing.js';
import { conversationOf, join, renderAs } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();
afterEach(online);

function offline(): void {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('there is no network')));
  act(() => onlineManager.setOnline(false));
}

function online(): void {
  vi.unstubAllGlobals();
  act(() => onlineManager.setOnline(true));
}

test('what was to be deleted offline fails, and is not deleted later', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const kept = await anna.write(id, 'Kept');
  const message = renderAs(anna, () => useDeleteMessage());
  const conversation = renderAs(anna, () => useDeleteConversation());
  offline();
  act(() => {
    message.result.current.mutate(kept);
    conversation.result.current.mutate(id);
  });
  await waitFor(() => expect(message.result.current.error).toMatchObject({ code: 'NETWORK' }));
  await waitFor(() => expect(conversation.result.current.error).toMatchObject({ code: 'NETWORK' }));
  online();
  await act(() => anna.cache.resumePausedMutations());
  expect((await anna.client.rest.messages.get(kept)).data.content).toBe('Kept');
  expect((await anna.client.rest.conversations.list()).data.conversations).toMatchObject([{ id }]);
});

test('a list that cannot be had offline is not called empty, and comes with the network', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  await anna.client.rest.blocks.add(ben.me.username);
  offline();
  const { result } = renderAs(anna, () => useBlocks());
  expect(result.current.isLoading).toBe(true);
  await waitFor(() => expect(result.current.error).toMatchObject({ code: 'NETWORK' }));
  online();
  await waitFor(() => expect(result.current.items).toMatchObject([{ blockedUser: { id: ben.me.id } }]));
});

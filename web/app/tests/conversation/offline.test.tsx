import '../browser';

import { conversationsOptions } from '@duologue/react';
import { expect, it } from 'vitest';
import { conversationOf, join } from '../../../packages/react/tests/person';
import { serverOfFile } from '../../../packages/react/tests/setup';
import { Conversation } from '../../src/conversation/conversation';
import { seenBy } from '../people';
import { act, screen, waitFor } from '../testing';

const server = serverOfFile();
const REST = 'No connection. The other messages come by themselves when it is back.';

/** Somebody who knows a conversation from the inbox, and opens it for the first time without a network. */
async function offline() {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await ben.write(id, 'Before');
  await anna.cache.prefetchInfiniteQuery(conversationsOptions(anna.client));
  anna.platform.network.setOnline(false);
  seenBy(anna, <Conversation username={ben.me.username} />);
  const back = () => act(() => anna.platform.network.setOnline(true));
  return { anna, id, back };
}

it('shows what one sends into a thread that was never loaded, says what is missing, and loads it with the network', async () => {
  const { anna, id, back } = await offline();
  await act(() => anna.client.outbox.send({ conversationId: id, content: 'From the train' }));
  await screen.findByText('From the train');
  await screen.findByText(REST);
  expect(screen.queryByText('This is where your conversation begins.')).toBeNull();
  expect(screen.queryByText('Loading')).toBeNull();
  back();
  await screen.findByText('Before');
  expect(screen.getByText('From the train')).toBeTruthy();
  expect(screen.getByText('1 unread')).toBeTruthy();
  expect(screen.queryByText(REST)).toBeNull();
});

it('says without a network that the messages come later, and lets one write', async () => {
  const { back } = await offline();
  await screen.findByText(REST);
  expect(document.querySelector('textarea')?.disabled).toBe(false);
  back();
  await screen.findByText('Before');
  await waitFor(() => expect(screen.queryByText(REST)).toBeNull());
});

import './dom.js';

import { expect, test } from 'vitest';
import { useConversations, useMessages } from '../src/index.js';
import { act, waitFor } from './dom-testing.js';
import { conversationOf, join, online, type Person, renderAs, writeAll } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`);

const texts = (items: ReturnType<typeof useMessages>['items']) =>
  items.map((item) => (item.kind === 'message' ? item.message.content : item.pending.draft.content));

/** Once the client has been told of a message. */
function hears(person: Person, content: string): Promise<void> {
  return new Promise((done) => {
    const stop = person.client.on('message.new', ({ payload }) => {
      if (payload.message.content !== content) return;
      stop();
      done();
    });
  });
}

test('a message that comes in during the first fetch is not lost', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await online(anna);
  const [inboxHeld, threadHeld] = [anna.hold('/conversations'), anna.hold(`/${id}/messages`)];
  const thread = renderAs(anna, () => useMessages(id));
  const inbox = renderAs(anna, () => useConversations());
  await Promise.all([inboxHeld.answered, threadHeld.answered]);
  const heard = hears(anna, 'In between');
  await ben.write(id, 'In between');
  await heard;
  inboxHeld.release();
  threadHeld.release();
  await waitFor(() => expect(texts(thread.result.current.items)).toEqual(['In between']));
  await waitFor(() => expect(inbox.result.current.conversations[0]?.lastMessage?.content).toBe('In between'));
});

test('a message that comes in while older ones are fetched is not lost, and what is deleted then stays away', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await writeAll(ben, id, numbers(30));
  const thread = renderAs(anna, () => useMessages(id));
  await online(anna);
  await waitFor(() => expect(thread.result.current.hasOlder).toBe(true));
  const held = anna.hold(`/${id}/messages`);
  let fetched: Promise<void> | undefined;
  act(() => {
    fetched = thread.result.current.fetchOlder();
  });
  await held.answered;
  const gone = thread.result.current.items.find(({ kind }) => kind === 'message')?.key ?? '';
  const oldest = texts(thread.result.current.items)[0];
  await ben.client.rest.messages.delete(gone);
  const heard = hears(anna, '31');
  await ben.write(id, '31');
  await heard;
  held.release();
  await act(async () => fetched);
  const expected = numbers(31).filter((text) => text !== oldest);
  await waitFor(() => expect(texts(thread.result.current.items)).toEqual(expected));
});

import './dom.js';

import { expect, test } from 'vitest';
import { useConversations, useMessages, usePresence, useTyping, useUnread } from '../src/index.js';
import { act, waitFor } from './dom-testing.js';
import { conversationOf, join, online, type Person, renderAs } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();

/** A hook, and how often it was rendered. */
function counted<T>(person: Person, hook: () => T) {
  let renders = 0;
  const use = () => {
    renders += 1;
    return hook();
  };
  const { result } = renderAs(person, use);
  return { result, renders: () => renders };
}

test('typing shows where it is asked for and rerenders nothing else', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await ben.write(id, 'Wait');
  const thread = counted(anna, () => useMessages(id));
  const inbox = counted(anna, () => useConversations());
  const typing = counted(anna, () => useTyping(id));
  const elsewhere = counted(anna, () => useTyping('00000000-0000-7000-8000-000000000000'));
  const typist = renderAs(ben, () => useTyping(id));
  await online(anna);
  await online(ben);
  await waitFor(() => expect(thread.result.current.items).toHaveLength(1));
  await waitFor(() => expect(inbox.result.current.conversations).toHaveLength(1));
  await waitFor(() => expect(thread.result.current.items[0]).toMatchObject({ status: 'received' }));
  const before = [thread.renders(), inbox.renders(), elsewhere.renders()];
  act(() => typist.result.current.setTyping(true));
  await waitFor(() => expect(typing.result.current.isTyping).toBe(true));
  expect([thread.renders(), inbox.renders(), elsewhere.renders()]).toEqual(before);
  typist.unmount();
  await waitFor(() => expect(typing.result.current.isTyping).toBe(false));
});

test('the presence of one rerenders nobody who looks at another', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  await ben.write(await conversationOf(anna, ben), 'Later');
  const ofBen = counted(anna, () => usePresence(ben.me.id, { isOnline: false }));
  const ofAnother = counted(anna, () => usePresence('00000000-0000-7000-8000-000000000000'));
  await online(anna);
  const before = ofAnother.renders();
  expect(ofBen.result.current?.isOnline).toBe(false);
  const stop = ben.client.start();
  await waitFor(() => expect(ofBen.result.current?.isOnline).toBe(true));
  stop();
  await waitFor(() => expect(ofBen.result.current?.isOnline).toBe(false));
  expect(ofAnother.renders()).toBe(before);
});

test('a new message leaves the items of the others the same objects', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  await ben.write(id, 'One');
  const thread = counted(anna, () => useMessages(id));
  const unread = counted(anna, () => useUnread());
  await online(anna);
  await waitFor(() => expect(thread.result.current.items).toHaveLength(1));
  const [first] = thread.result.current.items;
  await ben.write(id, 'Two');
  await waitFor(() => expect(thread.result.current.items).toHaveLength(2));
  expect(thread.result.current.items[0]).toBe(first);
  await waitFor(() => expect(unread.result.current).toBe(2));
});

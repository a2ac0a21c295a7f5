import './dom.js';

import { useEffect } from 'react';
import { expect, test } from 'vitest';
import { useBlock, useBlocks, useMe, useMessages, useUserSearch, useWebSocket } from '../src/index.js';
import { act, waitFor } from './dom-testing.js';
import { conversationOf, join, online, renderAs } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();
const TOO_LONG = 'x'.repeat(5000);

test('a setting shows at once, everywhere, and stays when the server has it', async () => {
  const anna = await join(server());
  const settings = renderAs(anna, () => useMe());
  const elsewhere = renderAs(anna, () => useMe());
  await waitFor(() => expect(settings.result.current.me?.sendReadReceipts).toBe(true));
  const held = anna.hold('/users/me');
  let updated: Promise<unknown> | undefined;
  act(() => {
    updated = settings.result.current.update({ sendReadReceipts: false });
  });
  await waitFor(() => expect(elsewhere.result.current.me?.sendReadReceipts).toBe(false));
  held.release();
  await act(async () => updated);
  expect(settings.result.current.me?.sendReadReceipts).toBe(false);
  expect((await anna.client.rest.users.me()).data.sendReadReceipts).toBe(false);
});

test('who one is is asked for once', async () => {
  const anna = await join(server());
  const settings = renderAs(anna, () => useMe());
  await waitFor(() => expect(settings.result.current.me?.id).toBe(anna.me.id));
  await waitFor(() => expect(anna.client.totalUnread.get()).toBe(0));
  await waitFor(() => expect(anna.client.me.get()).not.toBeNull());
  expect(anna.requests.filter((request) => request.endsWith('/users/me'))).toHaveLength(1);
});

test('who one is is known also where no socket opens', async () => {
  const anna = await join(server(), (_url, { close }) => {
    queueMicrotask(() => close(1006, ''));
    return { send: () => undefined, close: () => undefined };
  });
  const settings = renderAs(anna, () => useMe());
  await waitFor(() => expect(settings.result.current.me?.id).toBe(anna.me.id));
});

test('a refused setting shows what was there before, and leaves another change alone', async () => {
  const anna = await join(server());
  const settings = renderAs(anna, () => useMe());
  await waitFor(() => expect(settings.result.current.me).toBeDefined());
  const before = settings.result.current.me?.displayName;
  const shown: unknown[] = [];
  const watch = renderAs(anna, () => shown.push(useMe().me?.displayName));
  await act(async () => {
    const refused = settings.result.current.update({ displayName: TOO_LONG });
    const accepted = settings.result.current.update({ showLastSeen: false });
    await expect(refused).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    await accepted;
  });
  expect(settings.result.current.me).toMatchObject({ displayName: before, showLastSeen: false });
  expect(shown).toContain(TOO_LONG);
  watch.unmount();
});

test('settings of another device show here', async () => {
  const anna = await join(server());
  const settings = renderAs(anna, () => useMe());
  await online(anna);
  await waitFor(() => expect(settings.result.current.me).toBeDefined());
  await anna.client.rest.users.update({ whoCanMessage: 'none' });
  await waitFor(() => expect(settings.result.current.me?.whoCanMessage).toBe('none'));
});

test('a block shows on both sides, and in the list of one', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  await conversationOf(anna, ben);
  const ofAnna = renderAs(anna, () => useBlock(ben.me.username));
  const ofBen = renderAs(ben, () => useBlock(anna.me.username));
  const list = renderAs(anna, () => useBlocks());
  await online(anna);
  await online(ben);
  await waitFor(() => expect(ofBen.result.current.status?.canSendMessage).toBe(true));
  await act(() => ofAnna.result.current.block());
  await waitFor(() => expect(ofAnna.result.current.status?.isBlocked).toBe(true));
  await waitFor(() => expect(ofBen.result.current.status?.isBlockedBy).toBe(true));
  await waitFor(() => expect(list.result.current.items).toMatchObject([{ blockedUser: { id: ben.me.id } }]));
  await act(() => ofAnna.result.current.unblock());
  await waitFor(() => expect(ofBen.result.current.status?.canSendMessage).toBe(true));
  await waitFor(() => expect(list.result.current.items).toEqual([]));
});

test('people are found by the beginning of their names, and nobody without one', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const search = renderAs(anna, () => useUserSearch(ben.me.username.slice(0, -1)));
  await waitFor(() => expect(search.result.current.items).toMatchObject([{ id: ben.me.id }]));
  const empty = renderAs(anna, () => useUserSearch('  '));
  expect(empty.result.current).toMatchObject({ items: [], isLoading: false });
});

test('code that knows a socket sends, sees whether it is open, and closes it', async () => {
  const anna = await join(server());
  const socket = renderAs(anna, () => useWebSocket());
  expect(socket.result.current.isConnected).toBe(false);
  await waitFor(() => expect(socket.result.current.isConnected).toBe(true));
  expect(socket.result.current.ws.readyState).toBe(1);
  const refused = new Promise((done) => anna.client.on('error', ({ payload }) => done(payload.code)));
  socket.result.current.ws.send(
    '{"type":"message.read","payload":{"conversationId":"00000000-0000-7000-8000-000000000000"}}',
  );
  expect(await refused).toBe('NOT_FOUND');
  const other = renderAs(anna, () => useWebSocket());
  act(() => socket.result.current.ws.close());
  expect(socket.result.current.isConnected).toBe(false);
  expect(socket.result.current.ws.readyState).toBe(3);
  const heard: unknown[] = [];
  anna.client.on('error', ({ payload }) => heard.push(payload.code));
  socket.result.current.ws.send('{"type":"message.read","payload":{"conversationId":"none"}}');
  expect(other.result.current).toMatchObject({ isConnected: true, ws: { readyState: 1 } });
  expect(anna.client.connection.status.get().state).toBe('online');
  // The answer to what the shared socket sent afterwards: there was none to what this one did not send.
  const nowhere = { conversationId: '00000000-0000-7000-8000-000000000000' };
  await expect(anna.client.connection.ask({ type: 'message.read', payload: nowhere })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  expect(heard).not.toContain('VALIDATION_ERROR');
});

test('code that closes its socket when it unmounts leaves facts coming, also under StrictMode', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const thread = renderAs(anna, () => useMessages(id));
  const closing = renderAs(anna, () => {
    const socket = useWebSocket();
    const { ws } = socket;
    useEffect(() => () => ws.close(), [ws]);
    return socket;
  });
  await waitFor(() => expect(closing.result.current).toMatchObject({ isConnected: true, ws: { readyState: 1 } }));
  closing.unmount();
  await ben.write(id, 'Still there?');
  await waitFor(() => expect(thread.result.current.items).toMatchObject([{ message: { content: 'Still there?' } }]));
});

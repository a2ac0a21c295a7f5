import './dom.js';

import { expect, test } from 'vitest';
import {
  useDeleteMessage,
  useDraft,
  useFileUrl,
  useGallery,
  useMessages,
  useSendMessage,
  useUpload,
} from '../src/index.js';
import { act, waitFor } from './dom-testing.js';
import { conversationOf, join, online, renderAs } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();
const file = (text: string) => ({ blob: new Blob([text]), name: 'notes.txt', kind: 'file' as const });

test('a file goes up with its progress, is in the gallery, has a link, and leaves with its message', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const sizes: number[] = [];
  const chat = renderAs(anna, () => {
    const { uploads } = useUpload();
    for (const { size } of uploads.values()) sizes.push(size);
    return { ...useMessages(id), ...useSendMessage(id), uploads, remove: useDeleteMessage() };
  });
  const gallery = renderAs(ben, () => useGallery(id, 'files'));
  await online(anna);
  await online(ben);
  await waitFor(() => expect(gallery.result.current.isLoading).toBe(false));
  await act(() => chat.result.current.send('', [file('Bread, milk')]));
  await waitFor(() => expect(chat.result.current.items).toMatchObject([{ kind: 'message', status: 'delivered' }]));
  expect(sizes).toContain(11);
  expect(chat.result.current.uploads.size).toBe(0);
  await waitFor(() => expect(gallery.result.current.items).toMatchObject([{ originalFilename: 'notes.txt' }]));
  const [shown] = gallery.result.current.items;
  const link = renderAs(ben, () => useFileUrl(shown));
  await waitFor(() => expect(link.result.current.url).toBeDefined());
  const answer = await fetch(new URL(link.result.current.url ?? '', server().url));
  expect(await answer.text()).toBe('Bread, milk');
  await act(() => chat.result.current.remove.mutateAsync(shown?.messageId ?? ''));
  await waitFor(() => expect(chat.result.current.items).toEqual([]));
  await waitFor(() => expect(gallery.result.current.items).toEqual([]));
});

test('a pending upload can be given up', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const chat = renderAs(anna, () => ({ ...useMessages(id), ...useSendMessage(id), ...useUpload() }));
  await waitFor(() => expect(chat.result.current.isLoading).toBe(false));
  act(() => anna.platform.network.setOnline(false));
  const { key } = await act(() => chat.result.current.send('Here', [file('Never mind')]));
  expect(chat.result.current.uploads.get(key)).toMatchObject({ conversationId: id, size: 10 });
  await act(() => chat.result.current.cancel(key));
  expect([chat.result.current.items, chat.result.current.uploads.size]).toEqual([[], 0]);
});

test('links of a conversation are collected as they are written', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const gallery = renderAs(anna, () => useGallery(id, 'links'));
  await online(anna);
  await waitFor(() => expect(gallery.result.current.isLoading).toBe(false));
  await ben.write(id, 'Look: https://example.org/bread');
  await waitFor(() => expect(gallery.result.current.items).toMatchObject([{ url: 'https://example.org/bread' }]));
});

test('a draft shows as it is written, in every composer of its conversation', async () => {
  const [anna, ben] = [await join(server()), await join(server())];
  const id = await conversationOf(anna, ben);
  const composer = renderAs(anna, () => useDraft(id));
  const another = renderAs(anna, () => useDraft(id));
  act(() => composer.result.current.setText('Dear Ben'));
  expect([composer.result.current.text, another.result.current.text]).toEqual(['Dear Ben', 'Dear Ben']);
  expect(await anna.client.drafts.get(id)).toBe('Dear Ben');
});

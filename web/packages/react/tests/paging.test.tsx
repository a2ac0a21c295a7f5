import './dom.js';

import { beforeAll, expect, test } from 'vitest';
import { useMessages } from '../src/index.js';
import { act, waitFor } from './dom-testing.js';
import { conversationOf, join, type Person, renderAs, writeAll } from './person.js';
import { serverOfFile } from './setup.js';

const server = serverOfFile();
const ALL = Array.from({ length: 70 }, (_, index) => `${index + 1}`);
let anna: Person;
let id: string;
let ids: string[];

beforeAll(async () => {
  anna = await join(server());
  const ben = await join(server());
  id = await conversationOf(anna, ben);
  ids = await writeAll(ben, id, ALL);
}, 60_000);

function mounted(around?: string) {
  const { result } = renderAs(anna, () => useMessages(id, { around }));
  const texts = () =>
    result.current.items.map((item) => (item.kind === 'message' ? item.message.content : item.pending.draft.content));
  return { result, texts };
}

/** Again and again as long as there is more. */
async function untilDone(isMore: () => boolean, step: () => Promise<unknown>): Promise<void> {
  if (!isMore()) return;
  await step();
  await untilDone(isMore, step);
}

test('from the live end, older pages come in front, up to the beginning', async () => {
  const { result, texts } = mounted();
  await waitFor(() => expect(result.current.isLoading).toBe(false));
  expect(texts()).toEqual(ALL.slice(-texts().length));
  expect(result.current.hasNewer).toBe(false);
  await untilDone(
    () => result.current.hasOlder,
    () => act(() => result.current.fetchOlder()),
  );
  expect(texts()).toEqual(ALL);
  await act(() => result.current.fetchOlder());
  expect(texts()).toEqual(ALL);
});

test('around a message, pages come in on both sides at once, up to both ends', async () => {
  const { result, texts } = mounted(ids[34]);
  await waitFor(() => expect(texts()).toContain('35'));
  expect([result.current.hasOlder, result.current.hasNewer]).toEqual([true, true]);
  await untilDone(
    () => result.current.hasOlder || result.current.hasNewer,
    () => act(() => Promise.all([result.current.fetchOlder(), result.current.fetchNewer()])),
  );
  expect(texts()).toEqual(ALL);
});

test('a message that is not there is an error to look at, and the live end still opens', async () => {
  const { result } = mounted('00000000-0000-7000-8000-000000000000');
  await waitFor(() => expect(result.current.error).toMatchObject({ code: 'NOT_FOUND' }));
  const live = mounted();
  await waitFor(() => expect(live.texts()).toContain('70'));
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MessagePage } from '../../src/model.js';
import type { PageParam } from '../../src/rest/rest.js';
import type { Id } from '../../src/wire.js';
import { type RunningServer, startServer } from '../server.js';
import { converse, join, type Person } from './people.js';

let server: RunningServer;
let ben: Person;
let conversation: Id;
/** Oldest first. */
let sent: Id[];

beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: 'off' });
  const ann = await join(server);
  ben = await join(server);
  ({ id: conversation, sent } = await converse(ann, ben, 10));
}, 60_000);
afterAll(() => server.stop(), 60_000);

const page = (where: PageParam, limit: number): Promise<MessagePage> =>
  ben.rest.messages.page(conversation, where, { limit });

/** The places of its messages among all, from 1 on, as the page has them. */
const places = ({ messages }: MessagePage): number[] => messages.map((message) => sent.indexOf(message.id) + 1);

test('the newest page is the live end, and goes on to the beginning', async () => {
  const newest = await page(null, 6);
  expect(places(newest)).toEqual([10, 9, 8, 7, 6, 5]);
  expect(newest).toMatchObject({ newer: null, position: expect.any(Number) });
  const oldest = await page({ older: newest.older ?? '' }, 6);
  expect(places(oldest)).toEqual([4, 3, 2, 1]);
  expect(oldest.older).toBeNull();
});

test('an older page goes back up, without a gap and without a repeat', async () => {
  const newest = await page(null, 3);
  const older = await page({ older: newest.older ?? '' }, 3);
  expect(places(older)).toEqual([7, 6, 5]);
  const back = await page({ newer: older.newer ?? '' }, 2);
  expect(places(back)).toEqual([9, 8]);
  const top = await page({ newer: back.newer ?? '' }, 2);
  expect(places(top)).toEqual([10]);
  expect(top.newer).toBeNull();
});

test('a newer page goes down again to just below itself', async () => {
  const around = await page({ around: sent[2] ?? '' }, 3);
  expect(places(around)).toEqual([4, 3, 2]);
  const newer = await page({ newer: around.newer ?? '' }, 3);
  expect(places(newer)).toEqual([7, 6, 5]);
  expect(places(await page({ older: newer.older ?? '' }, 2))).toEqual([4, 3]);
});

test('a page around a message at an end says that it is the end', async () => {
  const atTheEnd = await page({ around: sent[9] ?? '' }, 4);
  expect(places(atTheEnd)).toEqual([10, 9, 8]);
  expect(atTheEnd.newer).toBeNull();
  const atTheBeginning = await page({ around: sent[0] ?? '' }, 4);
  expect(places(atTheBeginning)).toEqual([2, 1]);
  expect(atTheBeginning.older).toBeNull();
});

test('a page above the newest is empty, and goes on from there', async () => {
  const { older: newest } = await page(null, 1);
  const above = await page({ newer: newest ?? '' }, 9);
  expect(above).toMatchObject({ messages: [], newer: null });
  expect(places(await page({ older: above.older ?? '' }, 1))).toEqual([9]);
});

test('a page around a message that is gone is not found', async () => {
  await expect(page({ around: crypto.randomUUID() }, 3)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a page around a message of another conversation is not found', async () => {
  const cem = await join(server);
  const other = await converse(cem, ben, 1);
  await expect(page({ around: other.sent[0] ?? '' }, 3)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

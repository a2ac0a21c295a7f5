import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DraftFile, UploadProgress } from '../../src/model.js';
import { memory } from '../../src/platform/memory.js';
import type { Platform } from '../../src/ports.js';
import { createUploads, KEEP, type Uploads } from '../../src/uploads/create-uploads.js';
import { join, type Person } from '../rest/people.js';
import { type RunningServer, startServer } from '../server.js';
import { cutAfter } from './cut.js';

let server: RunningServer;
let ann: Person;

beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: 'off' });
  ann = await join(server);
}, 60_000);
afterAll(() => server.stop(), 60_000);

const TEXT = 'สวัสดี '.repeat(30_000);
const notes: DraftFile = { blob: new Blob([TEXT], { type: 'text/plain' }), name: 'บันทึก “notes”.txt', kind: 'file' };
const size = notes.blob.size;

function uploadsOf(person: Person, platform: Partial<Platform> = {}, pieceSize = size): Uploads {
  const tokens = { get: async () => person.token, refresh: async () => person.token };
  return createUploads({
    url: server.url,
    tokens,
    platform: { ...memory(), random: () => 0, ...platform },
    pieceSize,
  });
}

/** What was reported, and how to stop it. */
function watching(progress: UploadProgress | null = null) {
  const reported: UploadProgress[] = [];
  const stop = new AbortController();
  const onProgress = (now: UploadProgress): number => reported.push(now);
  return { reported, stop, options: { progress, onProgress, signal: stop.signal } };
}

const remains = async (location: string | undefined): Promise<number> => {
  const headers = { authorization: `Bearer ${ann.token}` };
  return (await fetch(server.url + (location ?? ''), { headers })).status;
};

test('a file goes up in pieces, and is sent by its id under its own name', async () => {
  const ben = await join(server);
  const { reported, options } = watching();
  const id = await uploadsOf(ann, {}, 100_000).upload(notes, options);
  const sent = reported.map((progress) => progress.sent);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(sent).toContain(100_000);
  expect(reported.at(-1)).toMatchObject({ sent: size, size, id });
  const { data } = await ann.rest.conversations.withUser(ben.me.username);
  const message = await ann.rest.messages.send(data.id, { type: 'file', media: [{ id }] });
  expect(message.data.media[0]).toMatchObject({ id, size, originalFilename: notes.name, mimeType: 'text/plain' });
});

test('after a cut it goes on from the bytes that arrived', async () => {
  const { transfer, offsets } = cutAfter(60_000);
  const { reported, options } = watching();
  const id = await uploadsOf(ann, { transfer }).upload(notes, options);
  expect(offsets).toEqual(['0', '60000']);
  expect(reported.at(-1)).toMatchObject({ id });
});

test('a network that is cut again and again is tried as long as bytes arrive', async () => {
  const { transfer, offsets } = cutAfter(70_000, 7);
  await uploadsOf(ann, { transfer }).upload(notes, watching().options);
  expect(offsets).toHaveLength(8);
  expect(offsets.at(-1)).toBe('490000');
});

test('without a byte of progress it gives up, and the same goes on later from what was reported', async () => {
  const { transfer, offsets } = cutAfter(50_000);
  const once = watching();
  let tries = 0;
  const failing: Platform['transfer'] = async (asked) => {
    tries += 1;
    return await (tries === 1 ? transfer(asked) : Promise.reject(new TypeError('no network')));
  };
  const first = uploadsOf(ann, { transfer: failing }).upload(notes, once.options);
  await expect(first).rejects.toMatchObject({ code: 'NETWORK', isRetryable: true });
  expect(tries).toBe(1 + 1 + 5);
  const again = watching(once.reported.at(-1));
  const later = cutAfter(0, 0);
  await uploadsOf(ann, { transfer: later.transfer }).upload(notes, again.options);
  expect([...offsets, ...later.offsets]).toEqual(['0', '50000']);
  expect(new Set([...once.reported, ...again.reported].map((progress) => progress.location)).size).toBe(1);
});

test('who lost the last answer learns the id without sending a byte again', async () => {
  const first = watching();
  const id = await uploadsOf(ann).upload(notes, first.options);
  const { id: _, ...kept } = first.reported.at(-1) ?? { sent: 0, size };
  const { transfer, offsets } = cutAfter(0, 0);
  expect(await uploadsOf(ann, { transfer }).upload(notes, watching(kept).options)).toBe(id);
  expect(offsets).toEqual([]);
});

test('what is up already is not asked for again', async () => {
  const fetch = () => Promise.reject(new Error('nothing is to be asked'));
  const progress = { sent: size, size, id: 'known' };
  expect(await uploadsOf(ann, { fetch }).upload(notes, watching(progress).options)).toBe('known');
});

test('an upload that expired meanwhile begins anew', async () => {
  const location = `/api/v1/chat/uploads/${crypto.randomUUID()}`;
  const { reported, options } = watching({ sent: 5, size, location });
  const id = await uploadsOf(ann).upload(notes, options);
  expect(reported[0]).toEqual({ sent: 0, size });
  expect(reported.at(-1)?.location?.endsWith(id)).toBe(true);
});

test('two that go on with the same upload do not spoil it', async () => {
  const { transfer } = cutAfter(50_000);
  const first = watching();
  const failing: Platform['transfer'] = (asked) => transfer(asked).finally(() => first.stop.abort(KEEP));
  await expect(uploadsOf(ann, { transfer: failing }).upload(notes, first.options)).rejects.toThrow('Cancelled');
  const kept = first.reported.at(-1) ?? null;
  const both = [watching(kept), watching(kept)].map(({ options }) => uploadsOf(ann).upload(notes, options));
  const [one, other] = await Promise.all(both);
  expect(one).toBe(other);
});

test('cancelling ends it at once and leaves nothing; with KEEP it can go on', async () => {
  const run = (reason?: string) => {
    const watched = watching();
    const transfer: Platform['transfer'] = async ({ signal }) => {
      watched.stop.abort(reason);
      signal.throwIfAborted();
      return await expect.unreachable();
    };
    return { watched, done: uploadsOf(ann, { transfer }).upload(notes, watched.options) };
  };
  const [cancelled, kept] = [run(), run(KEEP)];
  const settled = await Promise.allSettled([cancelled.done, kept.done]);
  expect(settled).toMatchObject([{ reason: { code: 'CANCELLED' } }, { reason: { code: 'CANCELLED' } }]);
  await expect.poll(() => remains(cancelled.watched.reported.at(-1)?.location)).toBe(404);
  expect(await remains(kept.watched.reported.at(-1)?.location)).toBe(200);
});

test('cancelling while it begins removes what the server began', async () => {
  const { stop, options } = watching();
  const asked: string[] = [];
  const platform = memory();
  const fetch: Platform['fetch'] = async (...call) => {
    const answer = await platform.fetch(...call);
    asked.push(`${call[1]?.method} ${answer.status}`);
    return answer;
  };
  const begun = uploadsOf(ann, { fetch }).upload(notes, options);
  stop.abort();
  await expect(begun).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect.poll(() => asked).toEqual(['POST 201', 'DELETE 204']);
});

test('what the server refuses is final, and said as it says it', async () => {
  const empty = { ...notes, blob: new Blob([]) };
  await expect(uploadsOf(ann).upload(empty, watching().options)).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    isRetryable: false,
  });
  const pretended: DraftFile = {
    blob: new Blob(['MZ no picture'], { type: 'image/png' }),
    name: 'a.png',
    kind: 'image',
  };
  await expect(uploadsOf(ann).upload(pretended, watching().options)).rejects.toMatchObject({ isRetryable: false });
});

test('a file that was deleted after it was chosen is given up at once, and said so', async () => {
  const folder = await mkdtemp(joinPath(tmpdir(), 'duologue-'));
  const path = joinPath(folder, 'notes.txt');
  await writeFile(path, TEXT);
  const chosen: DraftFile = { ...notes, blob: await openAsBlob(path) };
  await rm(folder, { recursive: true });
  const { reported, options } = watching();
  await expect(uploadsOf(ann).upload(chosen, options)).rejects.toMatchObject({
    code: 'UNREADABLE',
    message: 'The file cannot be read any more',
    isRetryable: false,
  });
  expect(reported.at(-1)).toMatchObject({ sent: 0 });
});

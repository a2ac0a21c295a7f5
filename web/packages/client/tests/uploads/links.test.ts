import { expect, test } from 'vitest';
import { manualTimers } from '../../src/platform/timers.js';
import type { Rest } from '../../src/rest/rest.js';
import { createFileUrls, KeptLinks } from '../../src/uploads/links.js';
import type { FileLink } from '../../src/wire.js';

const HOUR = 3_600_000;

/** Links of a server that knows every file but `gone`, and what it was asked for. */
function linksOf() {
  const timers = manualTimers(Date.UTC(2026, 0, 1));
  const asked: string[][] = [];
  const fails = { next: false };
  const links: Rest['files']['links'] = (ids) => {
    asked.push([...ids]);
    if (fails.next) return Promise.reject(new Error('no network'));
    const expiresAt = new Date(timers.now() + HOUR).toISOString();
    const found = ids.filter((id) => id !== 'gone').map((id) => linkOf(id, expiresAt, asked.length));
    return Promise.resolve({ success: true, message: '', data: { links: found } });
  };
  const kept = new KeptLinks(timers);
  return { asked, timers, fails, kept, ...createFileUrls({ files: { links } }, kept, 'https://chat.test/') };
}

function linkOf(id: string, expiresAt: string, turn: number): FileLink {
  const link = { id, url: `/uploads/${id}?t=${turn}`, expiresAt };
  return id === 'plain' ? link : { ...link, thumbnailUrl: `/uploads/${id}/thumbnail?t=${turn}` };
}

const media = (id: string) => ({ id, url: `/uploads/${id}` });

test('what is asked for in one tick is one request, each file once, with absolute addresses', async () => {
  const { asked, fileUrl } = linksOf();
  const urls = await Promise.all([fileUrl(media('a')), fileUrl(media('a'), 'thumbnail'), fileUrl(media('b'))]);
  expect(urls).toEqual([
    'https://chat.test/uploads/a?t=1',
    'https://chat.test/uploads/a/thumbnail?t=1',
    'https://chat.test/uploads/b?t=1',
  ]);
  expect(asked).toEqual([['a', 'b']]);
});

test('a file without a thumbnail stands for itself', async () => {
  const { fileUrl } = linksOf();
  expect(await fileUrl(media('plain'), 'thumbnail')).toBe('https://chat.test/uploads/plain?t=1');
});

test('one request asks for 50 at most', async () => {
  const { asked, fileUrl } = linksOf();
  await Promise.all(Array.from({ length: 120 }, (_, n) => fileUrl(media(`file${n}`))));
  expect(asked.map((ids) => ids.length)).toEqual([50, 50, 20]);
});

test('a link is kept until a minute before its end', async () => {
  const { asked, timers, fileUrl } = linksOf();
  const first = await fileUrl(media('a'));
  await timers.advance(HOUR - 60_001);
  expect(await fileUrl(media('a'))).toBe(first);
  await timers.advance(1);
  const [again, same] = await Promise.all([fileUrl(media('a')), fileUrl(media('a'))]);
  expect(again).not.toBe(first);
  expect(same).toBe(again);
  expect(asked).toEqual([['a'], ['a']]);
});

test('a file that may not be seen is NOT_FOUND, and hinders no other', async () => {
  const { fileUrl } = linksOf();
  const [gone, here] = await Promise.allSettled([fileUrl(media('gone')), fileUrl(media('a'))]);
  expect(gone).toMatchObject({ reason: { code: 'NOT_FOUND' } });
  expect(here.status).toBe('fulfilled');
});

test('a failure is not kept', async () => {
  const { fails, fileUrl } = linksOf();
  fails.next = true;
  await expect(fileUrl(media('a'))).rejects.toThrow('no network');
  fails.next = false;
  expect(await fileUrl(media('a'))).toContain('/uploads/a');
});

test('a link that failed is dropped: the next one is another', async () => {
  const { asked, fileUrl, dropFileUrl } = linksOf();
  const [first, other] = await Promise.all([fileUrl(media('a')), fileUrl(media('b'))]);
  dropFileUrl(media('a'));
  expect(await fileUrl(media('a'))).not.toBe(first);
  expect(await fileUrl(media('b'))).toBe(other);
  expect(asked).toEqual([['a', 'b'], ['a']]);
});

test('a link that was dropped while it was asked for is not kept either, nor does its failure drop the next one', async () => {
  const { asked, fails, fileUrl, dropFileUrl } = linksOf();
  fails.next = true;
  const first = fileUrl(media('a')).catch(() => 'failed');
  dropFileUrl(media('a'));
  await Promise.resolve();
  fails.next = false;
  const second = await fileUrl(media('a'));
  expect([await first, await fileUrl(media('a'))]).toEqual(['failed', second]);
  expect(asked).toEqual([['a'], ['a']]);
});

test('links that expired are not kept, however many files were seen', async () => {
  const { timers, kept, fileUrl } = linksOf();
  for (let hour = 0; hour < 3; hour += 1) {
    // biome-ignore lint/performance/noAwaitInLoops: hour by hour
    await Promise.all(Array.from({ length: 40 }, (_, n) => fileUrl(media(`${hour} ${n}`))));
    await timers.advance(HOUR);
  }
  await fileUrl(media('a'));
  expect(kept.size).toBe(1);
});

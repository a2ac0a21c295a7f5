import { describe, expect, test, vi } from 'vitest';
import { indexedDbStorage } from '../../src/platform/indexeddb.js';
import { freshName, PLACES } from './places.js';

describe.each(PLACES)('the storage of $place', ({ openTab }) => {
  test('gives back what was put, and undefined for what never was', async () => {
    const storage = openTab().storage(freshName());
    await storage.put('drafts', 'a', { text: 'สวัสดี', at: 1 });
    expect(await storage.get('drafts', 'a')).toEqual({ text: 'สวัสดี', at: 1 });
    expect(await storage.get('drafts', 'b')).toBeUndefined();
    expect(await storage.get('outbox', 'a')).toBeUndefined();
  });

  test('keeps a copy: what the caller changes afterwards is not kept', async () => {
    const storage = openTab().storage(freshName());
    const value = { list: [1] };
    await storage.put('state', 'k', value);
    value.list.push(2);
    expect(await storage.get('state', 'k')).toEqual({ list: [1] });
  });

  test('lists a table by key', async () => {
    const storage = openTab().storage(freshName());
    await Promise.all(['b', 'c', 'a'].map((key) => storage.put('outbox', key, key)));
    expect(await storage.all('outbox')).toEqual(['a', 'b', 'c']);
  });

  test('replaces by key, and deletes', async () => {
    const storage = openTab().storage(freshName());
    await storage.put('outbox', 'k', 1);
    await storage.put('outbox', 'k', 2);
    expect(await storage.all('outbox')).toEqual([2]);
    await storage.delete('outbox', 'k');
    await storage.delete('outbox', 'never');
    expect(await storage.all('outbox')).toEqual([]);
  });

  test('is the same for every tab, and another one for another name', async () => {
    const name = freshName();
    await openTab().storage(name).put('state', 'k', 1);
    expect(await openTab().storage(name).get('state', 'k')).toBe(1);
    expect(await openTab().storage(freshName()).get('state', 'k')).toBeUndefined();
  });

  test('clears all tables of its name alone', async () => {
    const [storage, other] = [openTab().storage(freshName()), openTab().storage(freshName())];
    await Promise.all([
      storage.put('outbox', 'k', 1),
      storage.put('drafts', 'k', 1),
      storage.put('state', 'k', 1),
      other.put('state', 'k', 1),
    ]);
    await storage.clear();
    const left = await Promise.all([storage.all('outbox'), storage.all('drafts'), storage.all('state')]);
    expect(left).toEqual([[], [], []]);
    expect(await other.get('state', 'k')).toBe(1);
  });
});

describe.each(PLACES)('the values of the storage of $place', ({ openTab }) => {
  test('may be files', async () => {
    const storage = openTab().storage(freshName());
    await storage.put('outbox', 'k', { files: [new Blob(['bytes'], { type: 'image/png' })] });
    const kept = (await storage.get('outbox', 'k')) as { files: Blob[] };
    expect(kept.files[0]?.type).toBe('image/png');
    expect(await kept.files[0]?.text()).toBe('bytes');
  });

  test('are refused when they cannot be copied', async () => {
    const storage = openTab().storage(freshName());
    await expect(storage.put('state', 'k', () => 1)).rejects.toThrow();
    expect(await storage.get('state', 'k')).toBeUndefined();
  });
});

test('where databases cannot be opened, values live as long as the page', async () => {
  vi.stubGlobal('indexedDB', undefined);
  const storage = indexedDbStorage(freshName());
  await storage.put('drafts', 'a', 'text');
  vi.unstubAllGlobals();
  expect(await storage.get('drafts', 'a')).toBe('text');
});

test('a database that was deleted under it is opened anew', async () => {
  const name = freshName();
  const storage = indexedDbStorage(name);
  await storage.put('state', 'k', 1);
  await new Promise((done) => {
    indexedDB.deleteDatabase(name).onsuccess = done;
  });
  expect(await storage.get('state', 'k')).toBeUndefined();
  await storage.put('state', 'k', 2);
  expect(await storage.get('state', 'k')).toBe(2);
});

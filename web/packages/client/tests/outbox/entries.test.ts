import { expect, test } from 'vitest';
import { Entries } from '../../src/outbox/entries.js';
import { createRecords } from '../../src/outbox/records.js';
import { queuedEntry } from '../../src/outbox/transitions.js';
import { createWorld } from '../../src/platform/memory.js';

const DRAFT = { conversationId: 'aaaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa', content: 'hello' };
const MANY = 3000;

const entry = (number: number) => queuedEntry(`key ${number}`, DRAFT, number);

test('what was taken out stays out, and of a long day only the newest are remembered', () => {
  const entries = new Entries(createRecords(createWorld().storage('outbox')), () => undefined);
  const taken = Array.from({ length: MANY }, (_, number) => entry(number));
  for (const one of taken) {
    entries.insert(one);
    entries.remove(one.key);
  }
  for (const one of taken.slice(-500)) entries.insert(one);
  expect(entries.store.get()).toEqual([]);
  for (const one of taken) entries.insert(one);
  expect(entries.store.get().length).toBeGreaterThan(MANY / 2);
});

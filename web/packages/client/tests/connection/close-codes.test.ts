import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { backoff, drained } from '../../src/connection/backoff.js';
import { RECONNECT, retryDelay, STOP, stopReason } from '../../src/connection/close-codes.js';

const ROW = /^\| (\d{4}) \| (\w+) \|.*\| (reconnect|stop) \|$/gmu;

test('the table is the one of the documentation', () => {
  const page = readFileSync(new URL('../../../../../docs/protocol/close-codes.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(ROW)].map((row) => row.slice(1));
  const table = [
    ...Object.entries(RECONNECT).map(([code, name]) => [code, name, 'reconnect']),
    ...Object.entries(STOP).map(([code, name]) => [code, name, 'stop']),
  ];
  expect(rows).toHaveLength(15);
  expect(table).toEqual(rows);
});

test('a code that is not in the table follows the boundary', () => {
  expect(stopReason(4499)).toBeNull();
  expect(stopReason(4999)).toBe('invalid_token');
  expect(stopReason(1000)).toBeNull();
});

test.each([
  [1001, 'retry=2500', 2500],
  [1001, 'retry=0', 0],
  [1001, '', null],
  [1001, 'retry=soon', null],
  [4000, 'retry=9', null],
])('only a drain says when to come back: %i %s', (code, reason, ms) => {
  expect(retryDelay(code, reason)).toBe(ms);
});

test('the bound of a wait doubles from half a second to 20', () => {
  expect([0, 1, 2, 5, 6, 1000].map((tries) => backoff(tries, 0.999_999))).toEqual([
    500, 1000, 2000, 16_000, 20_000, 20_000,
  ]);
});

test('any wait below the bound is as likely, so that a crowd spreads', () => {
  expect([0, 0.25, 0.5].map((random) => backoff(2, random))).toEqual([0, 500, 1000]);
  expect([0, 0.5].map((random) => drained(3000, random))).toEqual([3000, 3250]);
});

import { expect, test } from 'vitest';
import { createFormats } from '../../src/i18n/formats';

const en = createFormats('en-GB');
const th = createFormats('th');
const at = (text: string) => new Date(text);
// Of the device's own time zone, whichever it is: times without an offset are local.
const now = at('2026-11-21T15:00:00').getTime();

test.each([
  ['2026-11-21T09:05:00', '9:05'],
  ['2026-11-20T23:59:00', 'Yesterday'],
  ['2026-11-16T12:00:00', 'Mon'],
  ['2026-11-01T12:00:00', '1 Nov'],
  ['2025-11-21T12:00:00', '21/11/25'],
])('a list says of %s: %s', (time, said) => {
  expect(en.list(at(time), now)).toBe(said);
});

test('midnight parts days, not 24 hours', () => {
  const justAfter = at('2026-11-21T00:10:00').getTime();
  expect(en.day(at('2026-11-20T23:50:00'), justAfter)).toBe('Yesterday');
  expect(en.day(at('2026-11-21T00:05:00'), justAfter)).toBe('Today');
});

test('a day of another year says which', () => {
  expect(en.day(at('2025-12-31T12:00:00'), now)).toBe('31 December 2025');
  expect(en.day(at('2026-01-02T12:00:00'), now)).toContain('Friday');
});

test('what lies ahead, because clocks differ, is now', () => {
  expect(en.relative(at('2026-11-21T15:00:40'), now)).toBe('this minute');
});

test.each([
  ['2026-11-21T14:55:00', '5 minutes ago'],
  ['2026-11-21T13:00:00', '2 hours ago'],
  ['2026-11-19T13:00:00', '2 days ago'],
])('%s is %s', (time, said) => {
  expect(en.relative(at(time), now)).toBe(said);
});

test.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [1500, '1.5 kB'],
  [12_000_000, '12 MB'],
  [3_200_000_000, '3.2 GB'],
])('%i bytes are %s', (count, said) => {
  expect(en.bytes(count)).toBe(said);
});

test.each([
  [0, '0:00'],
  [65.4, '1:05'],
  [3600, '1:00:00'],
])('%d seconds are %s', (seconds, said) => {
  expect(en.duration(seconds)).toBe(said);
});

test('Thai days are Thai', () => {
  expect(th.day(at('2026-11-21T09:00:00'), now)).toBe('วันนี้');
});

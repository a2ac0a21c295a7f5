import { describe, expect, it } from 'vitest';
import { dayOf, toDays } from '../../src/conversation/days';
import { message, messages, NOON, pending } from './items';

const MINUTE = 60_000;
const all = (items: { length: number }) => ({ lo: 0, hi: items.length });

describe('messages under their days', () => {
  it('puts a heading where the calendar day changes, not every 24 hours', () => {
    const evening = new Date(2026, 5, 1, 23, 58).getTime();
    const items = [message('a', { at: evening }), message('b', { at: evening + 4 * MINUTE })];
    const days = toDays(items, all(items), null);
    expect(days.map((day) => day.key)).toEqual(['2026-6-1', '2026-6-2']);
    expect(days[1]?.rows[0]?.starts).toBe(true);
  });

  it('keeps together what one sender wrote within five minutes', () => {
    const items = [
      message('a', { at: NOON }),
      message('b', { at: NOON + 4 * MINUTE }),
      message('c', { at: NOON + 9 * MINUTE }),
      message('d', { at: NOON + 10 * MINUTE, own: true }),
      pending('e', 'queued', NOON + 11 * MINUTE),
    ];
    const rows = toDays(items, all(items), null)[0]?.rows ?? [];
    expect(rows.map((row) => `${row.item.key}${row.starts ? '<' : ''}${row.ends ? '>' : ''}`)).toEqual([
      'a<',
      'b>',
      'c<>',
      'd<',
      'e>',
    ]);
  });

  it('lets no group reach across the unread line', () => {
    const items = [message('a'), message('b', { at: NOON + MINUTE })];
    expect(toDays(items, all(items), 'b')[0]?.rows.map((row) => row.starts)).toEqual([true, true]);
    expect(toDays(items, all(items), null)[0]?.rows.map((row) => row.starts)).toEqual([true, false]);
  });

  it('shows a row the same wherever the slice ends', () => {
    const items = messages(30);
    const whole = toDays(items, all(items), null).flatMap((day) => day.rows);
    const part = toDays(items, { lo: 7, hi: 16 }, null).flatMap((day) => day.rows);
    expect(part).toEqual(whole.slice(7, 16));
  });

  it('knows the day where the reader is', () => {
    expect(dayOf(new Date(2026, 0, 31, 0, 0, 1).getTime())).toBe('2026-1-31');
  });
});

it('lets no slow clock of this device bring yesterday back below today', () => {
  const midnight = new Date(2026, 5, 2).getTime();
  const items = [
    message('a', { at: midnight - MINUTE }),
    message('b', { at: midnight + MINUTE }),
    pending('c', 'queued', midnight - 2 * MINUTE),
    pending('d', 'queued', midnight - MINUTE),
    pending('e', 'queued', midnight + 2 * MINUTE),
  ];
  const keys = (lo: number) => toDays(items, { lo, hi: 5 }, null).map((day) => [day.key, day.rows.length]);
  expect(keys(0)).toEqual([
    ['2026-6-1', 1],
    ['2026-6-2', 4],
  ]);
  expect(keys(3)).toEqual([['2026-6-2', 2]]);
});

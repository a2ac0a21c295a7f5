/** How messages stand under days, and together. Pure. */

import type { TimelineItem } from '@duologue/client';
import type { Slice } from './slice';

/** A message, and whether it begins and ends a group of one sender's. */
export interface Row {
  readonly item: TimelineItem;
  readonly starts: boolean;
  readonly ends: boolean;
}

/** The messages of one calendar day where the reader is. */
export interface Day {
  readonly key: string;
  /** Milliseconds since the epoch, of its first message here. */
  readonly at: number;
  readonly rows: readonly Row[];
}

const TOGETHER_MS = 5 * 60_000;

/** When it was sent, in milliseconds since the epoch. */
export function timeOf(item: TimelineItem): number {
  return item.kind === 'message' ? Date.parse(item.message.createdAt) : item.pending.createdAt;
}

export function isOwn(item: TimelineItem): boolean {
  return item.status !== 'received';
}

/** The calendar day in the reader's time zone, as a key. */
export function dayOf(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/**
 * The slice by days. Neighbours outside the slice count for grouping, so that a row looks the same wherever the slice ends. No
 * group reaches across `lineBefore`, the message below the unread line.
 */
export function toDays(items: readonly TimelineItem[], { lo, hi }: Slice, lineBefore: string | null): Day[] {
  const days: { key: string; at: number; rows: Row[] }[] = [];
  let at = latestBefore(items, lo);
  items.slice(lo, hi).forEach((item, offset) => {
    const index = lo + offset;
    at = Math.max(at, timeOf(item));
    const key = dayOf(at);
    const row = {
      item,
      starts: !areTogether(items[index - 1], item, lineBefore),
      ends: !areTogether(item, items[index + 1], lineBefore),
    };
    const day = days.at(-1);
    if (day?.key === key) day.rows.push(row);
    else days.push({ key, at, rows: [row] });
  });
  return days;
}

/**
 * When the day began that goes on at that index. What is on its way has the time of this device: where its clock is slow, it must
 * not bring yesterday back below today.
 */
function latestBefore(items: readonly TimelineItem[], index: number): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (let before = index - 1; before >= 0; before -= 1) {
    const item = items[before];
    if (item !== undefined) latest = Math.max(latest, timeOf(item));
    if (item?.kind === 'message') break;
  }
  return latest;
}

/** Whether two neighbours are shown as one group. */
function areTogether(first: TimelineItem | undefined, second: TimelineItem | undefined, line: string | null): boolean {
  if (first === undefined || second === undefined || second.key === line) return false;
  const [from, to] = [timeOf(first), timeOf(second)];
  return isOwn(first) === isOwn(second) && to - from < TOGETHER_MS && (to < from || dayOf(from) === dayOf(to));
}

/**
 * Which part of a timeline stands in the DOM. Pure: indexes into the items, oldest first.
 *
 * What lies outside the slice takes no room; the place of the reader is kept by `place.ts`, not by spacers of guessed height.
 */

/** `[lo, hi)` of the items. */
export interface Slice {
  readonly lo: number;
  readonly hi: number;
}
interface Keyed {
  readonly key: string;
}

/** At most so many messages stand in the DOM. */
export const MOST = 150;
/** So many are added at an edge that the reader comes near. */
export const STEP = 40;
/** So many stand there at first. */
export const FIRST = 60;

export function sliceAtEnd(length: number): Slice {
  return { lo: Math.max(0, length - FIRST), hi: length };
}

/** With that item about in the middle. */
export function sliceAround(length: number, index: number): Slice {
  const lo = Math.max(0, Math.min(index - FIRST / 2, length - FIRST));
  return { lo, hi: Math.min(length, lo + FIRST) };
}

/** More older ones; the newest go when there are too many. */
export function withOlder({ lo, hi }: Slice): Slice {
  const next = Math.max(0, lo - STEP);
  return { lo: next, hi: Math.min(hi, next + MOST) };
}

/** More newer ones; the oldest go when there are too many. */
export function withNewer({ lo, hi }: Slice, length: number): Slice {
  const next = Math.min(length, hi + STEP);
  return { lo: Math.max(lo, next - MOST), hi: next };
}

/** To the end, keeping what is there as far as it fits. */
export function withEnd({ lo, hi }: Slice, length: number): Slice {
  return hi === length ? { lo, hi } : sliceAtEnd(length);
}

/**
 * The same messages after the items changed: older ones came before them, newer ones after, some went.
 *
 * A slice that reached the end grows with it. If the reader stands there (`sticks`), the oldest make room; if not, it grows only
 * as long as nothing that may be on the screen has to go.
 */
export function follow(slice: Slice, before: readonly Keyed[], after: readonly Keyed[], sticks: boolean): Slice {
  const moved = distanceMoved(slice, before, after);
  if (moved === null) return sliceAtEnd(after.length);
  const lo = clamp(slice.lo + moved, after.length);
  const hi = clamp(slice.hi + moved, after.length);
  if (slice.hi < before.length) return { lo, hi };
  if (sticks) return { lo: Math.max(lo, after.length - MOST), hi: after.length };
  return { lo, hi: Math.max(hi, Math.min(after.length, lo + MOST)) };
}

/** How many items came after the last one of before. */
export function countAppended(before: readonly Keyed[], after: readonly Keyed[]): number {
  for (let back = before.length - 1; back >= 0; back -= 1) {
    const index = indexOf(after, before[back]?.key, back);
    if (index !== -1) return after.length - 1 - index;
  }
  return after.length;
}

/** By how much the first message of the slice that is still there has moved; null when none is. */
function distanceMoved({ lo, hi }: Slice, before: readonly Keyed[], after: readonly Keyed[]): number | null {
  const grown = after.length - before.length;
  for (let index = lo; index < hi; index += 1) {
    const found = indexOf(after, before[index]?.key, index, index + grown);
    if (found !== -1) return found - index;
  }
  return null;
}

/** Where the key stands: first where it is likely to, since timelines are long and change at their ends. */
function indexOf(items: readonly Keyed[], key: string | undefined, ...likely: number[]): number {
  if (key === undefined) return -1;
  return likely.find((index) => items[index]?.key === key) ?? items.findIndex((item) => item.key === key);
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(index, length));
}

import type { KeyboardEvent } from 'react';
import { focusedAround } from '../ui/focused';
import { rowOf, rowsOf } from './place';

/** Arrows, Home and End move the focus between messages, Escape leaves them. Of the log's keydown. */
export function moveByKey(event: KeyboardEvent<HTMLElement>, onLeave: () => void): void {
  const { key, currentTarget: scroller, target } = event;
  if (event.defaultPrevented || !(target instanceof Element) || isOwnWorld(target)) return;
  if (key === 'Escape') {
    event.preventDefault();
    onLeave();
    return;
  }
  const rows = rowsOf(scroller);
  const now = rows.findIndex((one) => one.contains(target));
  const row = rows[nextRow(key, now, rows.length)];
  if (row === undefined) return;
  event.preventDefault();
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}

export function holdsFocus(element: Element): boolean {
  return element.contains(focusedAround(element));
}

/** The keys of the rows that a row's focus goes to when it is gone: the next, or else the one before. */
export function heirsOf(scroller: HTMLElement | null, key: string): readonly string[] {
  const rows = scroller === null ? [] : rowsOf(scroller);
  const index = rows.findIndex((row) => row.dataset.key === key);
  if (index === -1) return [];
  return [rows[index + 1], rows[index - 1]].flatMap((row) => row?.dataset.key ?? []);
}

/** Focuses the first of these rows that is there; false: none is. */
export function focusFirst(scroller: HTMLElement | null, keys: readonly string[]): boolean {
  const rows = keys.flatMap((key) => (scroller === null ? [] : (rowOf(scroller, key) ?? [])));
  rows[0]?.focus({ preventScroll: true });
  return rows.length > 0;
}

/** From the log itself, up begins at the newest. -1: the key is not ours. */
function nextRow(key: string, now: number, count: number): number {
  switch (key) {
    case 'ArrowUp':
      return now === -1 ? count - 1 : Math.max(0, now - 1);
    case 'ArrowDown':
      return now === -1 ? count - 1 : Math.min(count - 1, now + 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return -1;
  }
}

/** Menus, players and fields know arrows of their own. */
function isOwnWorld(target: Element): boolean {
  return target.closest('[role="menu"], [role="slider"], input, textarea, select, audio, video') !== null;
}

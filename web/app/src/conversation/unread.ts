/** Where unread messages begin. Pure. */

import type { TimelineItem } from '@duologue/client';

/** The line above the first unread message. */
export interface UnreadMark {
  readonly key: string;
  readonly count: number;
}

export interface Unread {
  readonly mark: UnreadMark | null;
  /** False: all that is here is unread, there may be more before it. */
  readonly isWhole: boolean;
}

/** Looks back from the newest to the first that was read; own ones between do not count. */
export function findUnread(items: readonly TimelineItem[]): Unread {
  const found: string[] = [];
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const item = items[index];
    if (item?.kind !== 'message' || item.status !== 'received') continue;
    if (isUnread(item)) found.push(item.key);
    else if (item.message.isRead) return { mark: toMark(found), isWhole: true };
  }
  return { mark: toMark(found), isWhole: found.length === 0 };
}

function toMark(found: readonly string[]): UnreadMark | null {
  const key = found.at(-1);
  return key === undefined ? null : { key, count: found.length };
}

/** The newest received message, if it was not read: what to mark up to. */
export function newestUnread(items: readonly TimelineItem[]): string | null {
  const item = items.findLast(isUnread);
  return item?.kind === 'message' ? item.message.id : null;
}

function isUnread(item: TimelineItem): boolean {
  return item.kind === 'message' && item.status === 'received' && !item.message.isRead;
}

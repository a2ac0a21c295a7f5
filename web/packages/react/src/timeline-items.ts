import type { Message, Pending, TimelineItem } from '@duologue/client';

const known = new WeakMap<Message | Pending, TimelineItem>();

/** The same object for the same message, so that a memoised row rerenders only when its own has changed. */
export function sameItem(item: TimelineItem): TimelineItem {
  const source = item.kind === 'message' ? item.message : item.pending;
  const before = known.get(source);
  if (before?.key === item.key && before.status === item.status) return before;
  known.set(source, item);
  return item;
}

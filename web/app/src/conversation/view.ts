/** What a timeline shows of its items, and whether the reader stands at its end. Pure. */

import type { TimelineItem } from '@duologue/client';
import { isOwn } from './days';
import { countAppended, follow, type Slice, sliceAround, sliceAtEnd, withEnd, withNewer, withOlder } from './slice';

export interface View {
  readonly items: readonly TimelineItem[];
  readonly slice: Slice;
  /** Whether the items reach the newest message there is. */
  readonly isLive: boolean;
  /** Whether the reader stands at the newest message, and wants to stay there. */
  readonly atEnd: boolean;
  /** How many came in while the reader was further up. */
  readonly fresh: number;
}

/** `key`: with that message in the slice; null: at the end. */
export function openView(items: readonly TimelineItem[], isLive: boolean, key: string | null): View {
  const index = key === null ? -1 : items.findIndex((item) => item.key === key);
  const slice = index === -1 ? sliceAtEnd(items.length) : sliceAround(items.length, index);
  return { items, slice, isLive, atEnd: index === -1 && isLive, fresh: 0 };
}

/** After the items changed. Who sends something wants to see it; what others send moves nobody who reads further up. */
export function withItems(view: View, items: readonly TimelineItem[], isLive: boolean): View {
  if (items === view.items && isLive === view.isLive) return view;
  const appended = view.isLive ? items.slice(items.length - countAppended(view.items, items)) : [];
  const sent = appended.some((item) => item.kind === 'pending');
  const followed = follow(view.slice, view.items, items, view.atEnd);
  if (sent) return toEnd({ ...view, items, isLive, slice: followed });
  const fresh = view.atEnd ? 0 : view.fresh + appended.filter((item) => !isOwn(item)).length;
  return { ...view, items, isLive, slice: followed, fresh };
}

export function toEnd(view: View): View {
  return { ...view, slice: withEnd(view.slice, view.items.length), atEnd: view.isLive, fresh: 0 };
}

/** The reader came near the upper edge of what stands there. */
export function extendOlder(view: View): View {
  return view.slice.lo === 0 ? view : { ...view, slice: withOlder(view.slice), atEnd: view.atEnd && fits(view) };
}

export function extendNewer(view: View): View {
  const { length } = view.items;
  return view.slice.hi === length ? view : { ...view, slice: withNewer(view.slice, length) };
}

/** The reader scrolled; `atEnd`: to the end of what stands there. */
export function scrolled(view: View, atBottom: boolean): View {
  const atEnd = atBottom && view.isLive && view.slice.hi === view.items.length;
  if (atEnd === view.atEnd) return view;
  return { ...view, atEnd, fresh: atEnd ? 0 : view.fresh };
}

/** Whether more older ones leave the newest where they are. */
function fits({ slice, items }: View): boolean {
  return withOlder(slice).hi === items.length;
}

import type { TimelineItem } from '@duologue/client';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { belowOf, isAtEnd, type Place, putPlace, rowOf, toEnd as scrollToEnd, showElement, takePlace } from './place';
import { holdsFocus } from './row-focus';
import { MOST, STEP } from './slice';
import { extendNewer, extendOlder, openView, scrolled, toEnd, type View, withItems } from './view';

/** Where more messages come from. */
export interface Feed {
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  readonly fetchOlder: () => void;
  readonly fetchNewer: () => void;
  /** Under way, or gone wrong: nothing more is asked for by scrolling. */
  readonly isHeld: boolean;
}

/** Where the reader begins; none: at the end. */
export interface Start {
  readonly key: string;
  readonly where: 'start' | 'center';
}

/** More is put at an edge when fewer pixels than this are left there. */
const MARGIN = 600;

interface Scrolling {
  top: number;
  way: 'up' | 'down' | 'both';
  place: Place;
  /** Where the reader should stand, and cannot until more rows are there: with the next commit. */
  owed: Place | null;
}

export interface TimelineControl {
  readonly view: View;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly onScroll: () => void;
  /** Of the `BeforeCommit` beside the rows. */
  readonly before: () => Taken;
  readonly after: (taken: Taken) => void;
  readonly goToEnd: () => void;
}
interface Taken {
  readonly place: Place;
  readonly hadFocus: boolean;
}

/** The window over a timeline, and the reader's place in it. `scroller`: what the items stand in. */
export function useTimeline(
  scroller: RefObject<HTMLElement | null>,
  items: readonly TimelineItem[],
  feed: Feed,
  start: Start | null,
): TimelineControl {
  const content = useRef<HTMLDivElement>(null);
  const [view, update] = useView(items, !feed.hasNewer, start?.key ?? null);
  const latest = useRef<Latest>({ view, feed, start });
  latest.current = { view, feed, start };
  const { scrolling, settle, onScroll } = useScrolling(scroller, latest, update);
  useLayoutEffect(() => {
    if (scroller.current !== null) begin(scroller.current, latest.current.start);
    settle();
  }, [scroller, settle]);
  useGrowth(scroller, content, () => {
    const element = scroller.current;
    if (element === null || element.clientHeight === 0) return;
    hold(element, latest.current.view.atEnd, scrolling.current.place);
    settle();
  });
  const goToEnd = () => {
    const element = scroller.current;
    if (element !== null && view.slice.hi === items.length && belowOf(element) < 3 * element.clientHeight)
      glide(element);
    else update(toEnd);
  };
  return { view, content, onScroll, goToEnd, ...useHolding(scroller, scrolling, view.atEnd, settle) };
}

interface Latest {
  readonly view: View;
  readonly feed: Feed;
  readonly start: Start | null;
}

/** Follows the reader: more rows where they are heading, more messages where the rows end. */
function useScrolling(
  scroller: RefObject<HTMLElement | null>,
  latest: RefObject<Latest>,
  update: (change: (view: View) => View) => void,
) {
  const scrolling = useRef<Scrolling>({ top: 0, way: 'both', place: [], owed: null });
  const settle = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    scrolling.current.top = element.scrollTop;
    scrolling.current.place = takePlace(element);
    const bottom = isAtEnd(element);
    update((now) => fill(scrolled(now, bottom), element, scrolling.current.way));
    ask(element, latest.current.view, latest.current.feed, scrolling.current.way);
  }, [scroller, latest, update]);
  const onScroll = useCallback(() => {
    const now = scroller.current?.scrollTop ?? 0;
    const { top } = scrolling.current;
    if (now !== top) {
      scrolling.current.way = now < top ? 'up' : 'down';
      scrolling.current.owed = null;
    }
    settle();
  }, [scroller, settle]);
  return { scrolling, settle, onScroll };
}

/** Keeps place and focus over each commit. */
function useHolding(
  scroller: RefObject<HTMLElement | null>,
  scrolling: RefObject<Scrolling>,
  atEnd: boolean,
  settle: () => void,
): Pick<TimelineControl, 'before' | 'after'> {
  const before = () => {
    const element = scroller.current;
    if (element === null) return { place: scrolling.current.owed ?? [], hadFocus: false };
    return { place: scrolling.current.owed ?? takePlace(element), hadFocus: holdsFocus(element) };
  };
  const after = ({ place, hadFocus }: Taken) => {
    const element = scroller.current;
    if (element === null) return;
    scrolling.current.owed = hold(element, atEnd, place) ? null : place;
    // The row that had the focus left the window: without this the keyboard would begin at the top of the page.
    if (hadFocus && !holdsFocus(element)) element.focus({ preventScroll: true });
    settle();
  };
  return { before, after };
}

/** The view of today's items: what changed since the last render is followed while rendering. */
function useView(items: readonly TimelineItem[], isLive: boolean, key: string | null) {
  const [kept, update] = useState(() => openView(items, isLive, key));
  const view = withItems(kept, items, isLive);
  if (view !== kept) update(view);
  return [view, update] as const;
}

function begin(element: HTMLElement, start: Start | null): void {
  const row = start === null ? undefined : rowOf(element, start.key);
  if (row === undefined || start === null) scrollToEnd(element);
  else showElement(element, row, start.where);
}

/** Keeps the reader at the end, or at their place; false if the place cannot be had. */
function hold(element: HTMLElement, atEnd: boolean, place: Place): boolean {
  if (!atEnd) return putPlace(element, place);
  scrollToEnd(element);
  return true;
}

/** More rows where the reader is heading. What falls out is on the other side; before the first scroll nothing falls out. */
function fill(view: View, element: HTMLElement, way: Scrolling['way']): View {
  const mayGrow = way !== 'both' || view.slice.hi - view.slice.lo + STEP <= MOST;
  if (!mayGrow) return view;
  if (way !== 'down' && element.scrollTop < MARGIN && view.slice.lo > 0) return extendOlder(view);
  return way !== 'up' && belowOf(element) < MARGIN ? extendNewer(view) : view;
}

/** Asks for what is not loaded yet. */
function ask(element: HTMLElement, { slice, items }: View, feed: Feed, way: Scrolling['way']): void {
  if (feed.isHeld) return;
  if (feed.hasOlder && way !== 'down' && slice.lo === 0 && element.scrollTop < MARGIN) feed.fetchOlder();
  else if (feed.hasNewer && way !== 'up' && slice.hi === items.length && belowOf(element) < MARGIN) feed.fetchNewer();
}

function glide(element: HTMLElement): void {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollTo({ top: element.scrollHeight, behavior: isCalm ? 'instant' : 'smooth' });
}

/** Calls back when the content or the room for it changes its size: pictures load, the keyboard of a phone comes up. */
function useGrowth(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  onGrowth: () => void,
): void {
  const latest = useRef(onGrowth);
  latest.current = onGrowth;
  useEffect(() => {
    const observer = new ResizeObserver(() => latest.current());
    for (const { current } of [scroller, content]) {
      if (current !== null) observer.observe(current);
    }
    return () => observer.disconnect();
  }, [scroller, content]);
}

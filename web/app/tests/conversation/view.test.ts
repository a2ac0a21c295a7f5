import { expect, it } from 'vitest';
import { MOST } from '../../src/conversation/slice';
import { extendNewer, extendOlder, openView, scrolled, toEnd, type View, withItems } from '../../src/conversation/view';
import { message, messages, pending } from './items';

const shown = ({ items, slice }: View) => items.slice(slice.lo, slice.hi).map((item) => item.key);

it('opens at the end, and stays there as messages come', () => {
  const items = messages(20);
  const view = withItems(openView(items, true, null), [...items, message('new')], true);
  expect(view).toMatchObject({ atEnd: true, fresh: 0 });
  expect(shown(view).at(-1)).toBe('new');
});

it('counts what comes in while somebody reads further up, and not what they wrote elsewhere', () => {
  const items = messages(20);
  const up = scrolled(openView(items, true, null), false);
  const more = [...items, message('a'), message('b', { own: true }), message('c')];
  expect(withItems(up, more, true)).toMatchObject({ atEnd: false, fresh: 2 });
});

it('counts no pages of a part that is not the live end', () => {
  const view = openView(messages(20), false, 'm10');
  expect(withItems(view, messages(60), true)).toMatchObject({ atEnd: false, fresh: 0, isLive: true });
});

it('shows what one sends, wherever one was', () => {
  const items = messages(400);
  const up = scrolled({ ...openView(items, true, null), slice: { lo: 0, hi: 100 } }, false);
  const sent = withItems(up, [...items, pending('mine', 'queued')], true);
  expect(sent.atEnd).toBe(true);
  expect(shown(sent).at(-1)).toBe('mine');
});

it('stays at the end when what was sent is confirmed', () => {
  const items = messages(20);
  const sent = withItems(openView(items, true, null), [...items, pending('mine', 'sending')], true);
  const confirmed = withItems(sent, [...items, message('mine', { own: true })], true);
  expect(confirmed).toMatchObject({ atEnd: true, fresh: 0, slice: { lo: 0, hi: 21 } });
});

it('is not at the end as long as newer messages are not loaded or not shown', () => {
  expect(scrolled(openView(messages(20), false, null), true).atEnd).toBe(false);
  const far = { ...openView(messages(400), true, null), slice: { lo: 0, hi: 100 }, atEnd: false };
  expect(scrolled(far, true).atEnd).toBe(false);
  expect(scrolled(toEnd(far), true)).toMatchObject({ atEnd: true, fresh: 0 });
});

it('forgets the count when the end is reached', () => {
  const items = messages(20);
  const up = scrolled(openView(items, true, null), false);
  const missed = withItems(up, [...items, message('a')], true);
  expect(scrolled(missed, true)).toMatchObject({ atEnd: true, fresh: 0 });
});

it('lets go of the end when older messages push it out, and never shows more than the most', () => {
  let view = openView(messages(1000), true, null);
  for (let step = 0; step < 10; step += 1) view = extendOlder(view);
  expect(view.slice.hi - view.slice.lo).toBe(MOST);
  expect(view.atEnd).toBe(false);
  for (let step = 0; step < 30; step += 1) view = extendNewer(view);
  expect(view.slice).toEqual({ lo: 1000 - MOST, hi: 1000 });
});

it('is the same object when nothing changes', () => {
  const view = openView(messages(5), true, null);
  expect(withItems(view, view.items, true)).toBe(view);
  expect(extendOlder(view)).toBe(view);
  expect(extendNewer(view)).toBe(view);
  expect(scrolled(view, true)).toBe(view);
});

import { describe, expect, it } from 'vitest';
import {
  countAppended,
  FIRST,
  follow,
  MOST,
  type Slice,
  STEP,
  sliceAround,
  sliceAtEnd,
  withEnd,
  withNewer,
  withOlder,
} from '../../src/conversation/slice';

const items = (count: number, from = 0) => Array.from({ length: count }, (_, index) => ({ key: `m${from + index}` }));
const size = ({ lo, hi }: Slice) => hi - lo;
const keys = ({ lo, hi }: Slice, of: { key: string }[]) => of.slice(lo, hi).map((item) => item.key);

describe('the slice of a timeline that stands in the DOM', () => {
  it('begins at the end, with a screenful or two', () => {
    expect(sliceAtEnd(10_000)).toEqual({ lo: 10_000 - FIRST, hi: 10_000 });
    expect(sliceAtEnd(3)).toEqual({ lo: 0, hi: 3 });
  });

  it('stands around a message, also near the edges', () => {
    expect(sliceAround(1000, 500)).toEqual({ lo: 470, hi: 530 });
    expect(sliceAround(1000, 2)).toEqual({ lo: 0, hi: FIRST });
    expect(sliceAround(1000, 999)).toEqual({ lo: 1000 - FIRST, hi: 1000 });
  });

  it('never holds more than the most while one walks up and down through 10,000', () => {
    let slice = sliceAtEnd(10_000);
    while (slice.lo > 0) {
      const next = withOlder(slice);
      expect(next.lo).toBe(Math.max(0, slice.lo - STEP));
      expect(size(next)).toBeLessThanOrEqual(MOST);
      slice = next;
    }
    while (slice.hi < 10_000) {
      slice = withNewer(slice, 10_000);
      expect(size(slice)).toBeLessThanOrEqual(MOST);
    }
    expect(slice).toEqual({ lo: 10_000 - MOST, hi: 10_000 });
  });
});

describe('the slice when the items change', () => {
  it('shows the same messages after older ones were put before them', () => {
    const before = items(60, 40);
    const after = items(100);
    const slice = follow({ lo: 0, hi: 50 }, before, after, false);
    expect(keys(slice, after)).toEqual(keys({ lo: 0, hi: 50 }, before));
  });

  it('shows the same messages after newer ones were put behind what it does not reach', () => {
    expect(follow({ lo: 10, hi: 40 }, items(60), items(90), false)).toEqual({ lo: 10, hi: 40 });
  });

  it('grows with the end, and lets the oldest go when the reader stands there', () => {
    const slice = follow({ lo: 50, hi: 200 }, items(200), items(203), true);
    expect(slice).toEqual({ lo: 53, hi: 203 });
  });

  it('takes nothing from one who reads further up', () => {
    expect(follow({ lo: 50, hi: 200 }, items(200), items(203), false)).toEqual({ lo: 50, hi: 200 });
    expect(follow({ lo: 100, hi: 200 }, items(200), items(203), false)).toEqual({ lo: 100, hi: 203 });
  });

  it('keeps its place by the next message when its first one went', () => {
    const after = items(60).filter((item) => item.key !== 'm10');
    expect(follow({ lo: 10, hi: 40 }, items(60), after, false)).toEqual({ lo: 9, hi: 39 });
  });

  it('begins anew when nothing of it is left', () => {
    expect(follow({ lo: 0, hi: 60 }, items(60), items(500, 1000), false)).toEqual(sliceAtEnd(500));
  });

  it('goes to the end in one step, and stays as it is when it reaches the end', () => {
    expect(withEnd({ lo: 0, hi: 150 }, 10_000)).toEqual(sliceAtEnd(10_000));
    expect(withEnd({ lo: 9_860, hi: 10_000 }, 10_000)).toEqual({ lo: 9_860, hi: 10_000 });
  });

  it('counts what came after, not what came before or went', () => {
    expect(countAppended(items(5, 5), items(10))).toBe(0);
    expect(countAppended(items(5), items(8))).toBe(3);
    expect(countAppended(items(5), items(3))).toBe(0);
    expect(countAppended([], items(3))).toBe(3);
  });
});

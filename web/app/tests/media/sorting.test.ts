import { afterEach, describe, expect, it } from 'vitest';
import { sortOf } from '../../src/media/kinds';
import { byMonth } from '../../src/media/months';
import { leaveFloor, silence, takeFloor } from '../../src/media/sound';

describe('a file', () => {
  it.each([
    ['Report.PDF', 'pdf'],
    ['a.xlsx', 'table'],
    ['a.tar.7z', 'archive'],
    ['a.opus', 'audio'],
    ['noending', 'other'],
  ])('called %s shows as %s', (name, sort) => {
    expect(sortOf(name)).toBe(sort);
  });
});

describe('a gallery', () => {
  it('stands under months in the order in which it came', () => {
    const at = (createdAt: string) => ({ createdAt });
    const items = [at('2026-11-15T10:00:00Z'), at('2026-11-10T10:00:00Z'), at('2026-09-15T10:00:00Z')];
    expect(byMonth(items).map(({ key, items: own }) => [key, own.length])).toEqual([
      ['2026-11', 2],
      ['2026-09', 1],
    ]);
  });
});

describe('sounds', () => {
  afterEach(silence);
  const player = () => {
    const state = {
      pauses: 0,
      pause: () => {
        state.pauses += 1;
      },
    };
    return state;
  };

  it('play one at a time', () => {
    const [one, other] = [player(), player()];
    takeFloor(one);
    takeFloor(other);
    expect([one.pauses, other.pauses]).toEqual([1, 0]);
  });

  it('do not stop themselves, nor what left before', () => {
    const [one, other] = [player(), player()];
    takeFloor(one);
    takeFloor(one);
    leaveFloor(one);
    takeFloor(other);
    expect([one.pauses, other.pauses]).toEqual([0, 0]);
  });

  it('all stop for a recording', () => {
    const one = player();
    takeFloor(one);
    silence();
    expect(one.pauses).toBe(1);
  });
});

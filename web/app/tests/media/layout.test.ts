import { describe, expect, it } from 'vitest';
import { isThumbnailEnough, layOut } from '../../src/media/layout';

const many = (count: number) => Array.from({ length: count }, () => ({ width: 400, height: 300 }));

describe('the pictures of a message', () => {
  it('alone keeps its shape, within bounds', () => {
    expect(layOut([{ width: 1600, height: 900 }]).ratio).toBeCloseTo(16 / 9);
    expect(layOut([{ width: 100, height: 1000 }]).ratio).toBe(0.6);
    expect(layOut([{ width: 1000, height: 100 }]).ratio).toBe(2.4);
    expect(layOut([{}]).ratio).toBeCloseTo(4 / 3);
  });

  it.each([
    [1, 1, 0],
    [2, 2, 0],
    [3, 3, 0],
    [4, 4, 0],
    [7, 4, 3],
  ])('%i of them fill %i cells and hide %i', (count, cells, hidden) => {
    const layout = layOut(many(count));
    expect(layout.areas).toHaveLength(cells);
    expect(layout.hidden).toBe(hidden);
  });

  it('are thumbnails in a grid, and a whole picture alone unless it is small and square', () => {
    expect(isThumbnailEnough(many(2))).toBe(true);
    expect(isThumbnailEnough(many(1))).toBe(false);
    expect(isThumbnailEnough([{ width: 300, height: 300 }])).toBe(true);
    expect(isThumbnailEnough([{ width: 1000, height: 1000 }])).toBe(false);
    expect(isThumbnailEnough([{}])).toBe(false);
  });
});

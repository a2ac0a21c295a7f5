import { describe, expect, it } from 'vitest';
import { resample, toBars } from '../../src/media/waveform';

describe('a waveform', () => {
  it('keeps the loudest of each part', () => {
    expect(resample([1, 9, 3, 4], 2)).toEqual([9, 4]);
    expect(resample([5, 10], 4)).toEqual([5, 5, 10, 10]);
  });

  it('is silent where nothing is known', () => {
    expect(resample([], 3)).toEqual([0, 0, 0]);
  });

  it('is drawn as bars around the middle, and shows silence too', () => {
    expect(toBars([100, 0], 2)).toEqual({ path: 'M5 4V96M15 46V54', width: 20 });
  });
});

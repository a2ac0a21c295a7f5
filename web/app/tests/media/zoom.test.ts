import { describe, expect, it } from 'vitest';
import { keepInside, panBy, swipeStep, WHOLE, zoomAt } from '../../src/media/zoom';

const stage = { width: 1000, height: 800 };

describe('zooming', () => {
  it('keeps what is under the pointer where it is', () => {
    const at = { x: 100, y: -50 };
    const view = zoomAt(WHOLE, 2, at);
    expect(view).toEqual({ scale: 2, x: -100, y: 50 });
    // A point p of the picture is shown at x + scale * p.
    expect(view.x + view.scale * at.x).toBe(at.x);
  });

  it('goes no closer than six times and no farther than the whole, which is centred', () => {
    expect(zoomAt(WHOLE, 100, { x: 0, y: 0 }).scale).toBe(6);
    expect(zoomAt({ scale: 2, x: 70, y: 7 }, 0.1, { x: 9, y: 9 })).toEqual(WHOLE);
  });

  it('never lets a gap open at the edge', () => {
    const picture = { width: 1000, height: 400 };
    expect(keepInside(panBy({ scale: 2, x: 0, y: 0 }, 900, 300), picture, stage)).toEqual({ scale: 2, x: 500, y: 0 });
    const inside = { scale: 2, x: 10, y: 0 };
    expect(keepInside(inside, picture, stage)).toBe(inside);
  });
});

describe('swiping', () => {
  it('goes on to the next by a fifth of the stage, or by a flick', () => {
    expect(swipeStep(-210, 10, 600, stage)).toBe(1);
    expect(swipeStep(210, 10, 600, stage)).toBe(-1);
    expect(swipeStep(-80, 0, 100, stage)).toBe(1);
    expect(swipeStep(-80, 0, 600, stage)).toBe(0);
  });

  it('does not take scrolling for swiping', () => {
    expect(swipeStep(-300, 400, 600, stage)).toBe(0);
  });
});

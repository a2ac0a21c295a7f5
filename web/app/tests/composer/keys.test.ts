import { describe, expect, it } from 'vitest';
import { moveInGrid } from '../../src/composer/emoji/grid-keys';
import { meansSend } from '../../src/composer/keys';

const plain = {
  key: 'Enter',
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 13,
};

describe('Enter', () => {
  it('sends where it is to send', () => {
    expect(meansSend(plain, true)).toBe(true);
    expect(meansSend(plain, false)).toBe(false);
  });

  it('is a newline with Shift or Alt', () => {
    expect(meansSend({ ...plain, shiftKey: true }, true)).toBe(false);
    expect(meansSend({ ...plain, altKey: true }, true)).toBe(false);
  });

  it('sends with Ctrl or Cmd wherever it is a newline', () => {
    expect(meansSend({ ...plain, ctrlKey: true }, false)).toBe(true);
    expect(meansSend({ ...plain, metaKey: true }, false)).toBe(true);
  });

  it('never sends while a word is being composed', () => {
    expect(meansSend({ ...plain, isComposing: true }, true)).toBe(false);
    expect(meansSend({ ...plain, keyCode: 229 }, true)).toBe(false);
    expect(meansSend({ ...plain, isComposing: true, ctrlKey: true }, true)).toBe(false);
  });

  it('is the only key that sends', () => {
    expect(meansSend({ ...plain, key: 'a', keyCode: 65 }, true)).toBe(false);
  });
});

describe('arrows in a grid', () => {
  // Two rows of three and two, then another group below with one.
  const spots = [
    { left: 0, top: 0 },
    { left: 10, top: 0 },
    { left: 20, top: 0 },
    { left: 0, top: 10 },
    { left: 10, top: 10 },
    { left: 0, top: 40 },
  ];
  const go = (key: string, now: number, direction: 'ltr' | 'rtl' = 'ltr') => moveInGrid(key, now, spots, direction);

  it('go along the reading direction', () => {
    expect(go('ArrowRight', 2)).toBe(3);
    expect(go('ArrowLeft', 3)).toBe(2);
    expect(go('ArrowLeft', 2, 'rtl')).toBe(3);
  });

  it('go to the nearest above and below, also into another group', () => {
    expect(go('ArrowDown', 2)).toBe(4);
    expect(go('ArrowUp', 4)).toBe(1);
    expect(go('ArrowDown', 4)).toBe(5);
  });

  it('stop at the edges', () => {
    expect(go('ArrowUp', 1)).toBe(1);
    expect(go('ArrowRight', 5)).toBe(5);
    expect([go('Home', 4), go('End', 1)]).toEqual([0, 5]);
  });

  it('leave all other keys alone', () => {
    expect(go('Tab', 1)).toBeNull();
  });
});

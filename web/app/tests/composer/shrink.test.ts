import { describe, expect, it } from 'vitest';
import { isAnimated, mayShrink, shouldShrink, targetSize } from '../../src/composer/attachments/shrink';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const MB = 2 ** 20;

describe('a picture before it goes up', () => {
  it('is left alone when it is small, or a GIF', () => {
    expect(mayShrink('image/jpeg', 300 * 1024)).toBe(false);
    expect(mayShrink('image/gif', 9 * MB)).toBe(false);
    expect(mayShrink('image/jpeg', MB)).toBe(true);
  });

  it('is drawn anew when it has more pixels than are kept, or more bytes than it needs', () => {
    expect(shouldShrink(1921, 100, MB)).toBe(true);
    expect(shouldShrink(1920, 1080, MB)).toBe(false);
    expect(shouldShrink(1920, 1080, 2 * MB)).toBe(true);
  });

  it('keeps its shape, and at least one pixel', () => {
    expect(targetSize(4000, 3000)).toEqual({ width: 1920, height: 1440 });
    expect(targetSize(800, 600)).toEqual({ width: 800, height: 600 });
    expect(targetSize(50_000, 1)).toEqual({ width: 1920, height: 1 });
  });

  it('is left alone when it moves', () => {
    expect(isAnimated(bytes('RIFF....WEBPVP8X....\u0002'))).toBe(true);
    expect(isAnimated(bytes('RIFF....WEBPVP8X....\u0010'))).toBe(false);
    expect(isAnimated(bytes('RIFF....WEBPVP8 ....\u0002'))).toBe(false);
    expect(isAnimated(bytes('\u0089PNG....acTL....IDAT'))).toBe(true);
    expect(isAnimated(bytes('\u0089PNG....IDAT...acTL'))).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { countText, judgeText, normalise } from '../../src/composer/text';

describe('the text of a message', () => {
  it('is counted in code points, as the server counts', () => {
    expect(countText('héllo')).toBe(5);
    expect(countText('👍🏽')).toBe(2);
    expect(countText('กำ')).toBe(2);
  });

  it('is counted without what the server takes out', () => {
    expect(countText('a\u0000b\r\nc\u0085')).toBe(4);
    expect(normalise('a\ud800b')).toBe('ab');
  });

  it('keeps tabs, newlines and joiners', () => {
    expect(normalise('a\tb\n👩\u200d💻')).toBe('a\tb\n👩\u200d💻');
  });

  it('may have exactly 10,000 characters, of which emoji are one each', () => {
    expect(judgeText('👍'.repeat(10_000))).toBe('ok');
    expect(judgeText('👍'.repeat(10_001))).toBe('too_long');
  });

  it('is empty when only blanks and controls are in it', () => {
    expect(judgeText(' \n\t\u0007')).toBe('empty');
    expect(judgeText(' x ')).toBe('ok');
  });
});

import { describe, expect, it } from 'vitest';
import { ROWS } from '../../src/composer/emoji/names';
import { nameOf, searchEmoji } from '../../src/composer/emoji/search';

const all = Object.values(ROWS).flat();
const found = (query: string) => searchEmoji(all, query).map(([emoji]) => emoji);

describe('searching emoji', () => {
  it('finds by an English name, the best first', () => {
    expect(found('red heart')[0]).toBe('❤️');
    expect(found('pizza')).toEqual(['🍕']);
  });

  it('finds by a Thai name', () => {
    expect(found('ขำกลิ้ง')).toContain('🤣');
    expect(found('หัวใจ')).toContain('❤️');
  });

  it('wants every word', () => {
    expect(found('cat heart')).toContain('😻');
    expect(found('cat heart')).not.toContain('🐱');
  });

  it('does not mind case, blanks and accents', () => {
    expect(found('  PIZZA ')).toEqual(['🍕']);
    expect(found('pízza')).toEqual(['🍕']);
  });

  it('finds nothing for what nothing is called, and everything for nothing', () => {
    expect(found('zzzz')).toEqual([]);
    expect(found(' ')).toHaveLength(all.length);
  });

  it('names in the language of the page', () => {
    const row = all.find(([emoji]) => emoji === '🍕');
    expect(row && nameOf(row, 'en')).toBe('pizza');
    expect(row && nameOf(row, 'th')).toBe('พิซซ่า 1 ชิ้น');
  });

  it('holds no emoji twice', () => {
    expect(new Set(all.map(([emoji]) => emoji)).size).toBe(all.length);
  });
});

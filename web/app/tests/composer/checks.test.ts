import { describe, expect, it } from 'vitest';
import { type Chosen, checkFit, checkKind } from '../../src/composer/attachments/checks';
import { ACCEPT, endingOf, kindOf, sentAs } from '../../src/composer/attachments/kinds';
import { MB } from '../../src/composer/limits';

const file = (name: string, type: string, size = 1000) => ({ name, type, size });
const images = (count: number): Chosen[] => Array.from({ length: count }, () => ({ category: 'image', size: 1000 }));

describe('what is taken', () => {
  it.each([
    ['photo.JPG', 'image/jpeg', 'image'],
    ['talk.webm', 'audio/webm;codecs=opus', 'audio'],
    ['talk.webm', 'video/webm', 'video'],
    ['unknown.webm', '', 'video'],
    ['song.mp4', 'audio/mp4', 'audio'],
    ['sheet.csv', 'application/vnd.ms-excel', 'data'],
    ['odd.png', 'text/html', 'image'],
    ['notes.txt', 'text/plain', 'document'],
    ['all.7z', '', 'archive'],
  ])('%s declared as "%s" is %s', (name, type, category) => {
    expect(checkKind(file(name, type))).toBe(category);
  });

  it.each([
    ['run.exe', 'ending'],
    ['page.html', 'ending'],
    ['drawing.svg', 'ending'],
    ['README', 'ending'],
    ['.jpg.exe', 'ending'],
    ['IMG_0001.HEIC', 'heic'],
  ])('%s is refused', (name, reason) => {
    expect(checkKind(file(name, ''))).toEqual({ name, reason });
  });

  it('does not take an empty file', () => {
    expect(checkKind(file('a.txt', 'text/plain', 0))).toMatchObject({ reason: 'empty' });
  });

  it('goes up as the type of its kind', () => {
    expect(kindOf('a.m4a', '')?.mediaType).toBe('audio/mp4');
  });

  it('is offered by the file dialog', () => {
    expect(ACCEPT.split(',')).toEqual(expect.arrayContaining(['.jpg', '.docx', '.7z', '.opus', '.mov']));
  });

  it('knows an ending as the server does', () => {
    expect(endingOf('a.tar.gz')).toBe('.gz');
    expect(endingOf('a.')).toBe('');
    expect(endingOf('.png')).toBe('.png');
    expect(endingOf(`a.${'x'.repeat(17)}`)).toBe('');
  });

  it('is sent as a message of its own kind', () => {
    expect(['image', 'video', 'audio', 'archive'].map((each) => sentAs(each as 'image'))).toEqual([
      'image',
      'video',
      'file',
      'file',
    ]);
  });
});

describe('how much is taken', () => {
  it.each([
    ['image', 10],
    ['video', 100],
    ['audio', 25],
    ['document', 50],
    ['archive', 50],
    ['data', 50],
  ] as const)('%s up to %i MB, exactly so much passes', (category, most) => {
    expect(checkFit(file('x', '', most * MB), category, [])).toBeNull();
    expect(checkFit(file('x', '', most * MB + 1), category, [])).toEqual({
      name: 'x',
      reason: 'size',
      limit: most * MB,
    });
  });

  it('takes ten images, and no eleventh', () => {
    expect(checkFit(file('a.png', ''), 'image', images(9))).toBeNull();
    expect(checkFit(file('a.png', ''), 'image', images(10))).toEqual({ name: 'a.png', reason: 'images', limit: 10 });
  });

  it('takes five files when one is no image', () => {
    expect(checkFit(file('a.pdf', ''), 'document', images(4))).toBeNull();
    expect(checkFit(file('a.pdf', ''), 'document', images(5))).toEqual({ name: 'a.pdf', reason: 'count', limit: 5 });
    const mixed: Chosen[] = [...images(4), { category: 'document', size: 1 }];
    expect(checkFit(file('a.png', ''), 'image', mixed)).toMatchObject({ reason: 'count' });
  });

  it('takes 100 MB together', () => {
    const chosen: Chosen[] = [{ category: 'document', size: 50 * MB }];
    expect(checkFit(file('b.pdf', '', 50 * MB), 'document', chosen)).toBeNull();
    expect(checkFit(file('b.mp4', '', 50 * MB + 1), 'video', chosen)).toMatchObject({ reason: 'together' });
  });
});

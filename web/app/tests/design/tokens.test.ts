import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contrast, readColours } from './contrast';

const colours = readColours(readFileSync(new URL('../../src/design/tokens.css', import.meta.url), 'utf8'));

const GROUNDS = ['rail', 'paper', 'sheet', 'hover', 'selected', 'accent-wash'];
const CLOTHS = ['ochre', 'clay', 'rose', 'plum', 'slate', 'moss'].map((cloth) => `cloth-${cloth}`);
/** What is written on what. */
const TEXTS: readonly (readonly [text: string, ground: string])[] = [
  ...['ink', 'ink-soft'].flatMap((ink) => GROUNDS.map((ground) => [ink, ground] as const)),
  ...['rail', 'paper', 'sheet', 'accent-wash'].map((ground) => ['accent', ground] as const),
  ...['paper', 'sheet', 'danger-wash'].map((ground) => ['danger', ground] as const),
  ...CLOTHS.map((cloth) => ['on-cloth', cloth] as const),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['on-danger', 'danger'],
  ['warning', 'warning-wash'],
  ['good', 'good-wash'],
  ['paper', 'ink'],
];
/** Marks and borders that must be seen without being read (WCAG 1.4.11). */
const MARKS: readonly (readonly [mark: string, ground: string])[] = [
  ['line-strong', 'sheet'],
  ['line-strong', 'paper'],
  ['ink-faint', 'paper'],
  ['ink-faint', 'rail'],
  ['accent', 'hover'],
  ['accent', 'selected'],
  ['presence', 'rail'],
  ['presence', 'paper'],
];

function of(name: string) {
  const colour = colours.get(name);
  if (colour === undefined) throw new Error(`there is no colour --${name}`);
  return colour;
}

test.each(TEXTS)('%s can be read on %s by day and by night', (text, ground) => {
  expect(contrast(of(text).light, of(ground).light)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(of(text).dark, of(ground).dark)).toBeGreaterThanOrEqual(4.5);
});

test.each(MARKS)('%s can be seen on %s by day and by night', (mark, ground) => {
  expect(contrast(of(mark).light, of(ground).light)).toBeGreaterThanOrEqual(3);
  expect(contrast(of(mark).dark, of(ground).dark)).toBeGreaterThanOrEqual(3);
});

test('black on white is as far apart as colours can be', () => {
  const white = { lightness: 1, chroma: 0, hue: 0 };
  expect(contrast(white, { ...white, lightness: 0 })).toBeCloseTo(21, 1);
});

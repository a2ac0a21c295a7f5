import { DuologueError } from '@duologue/client';
import { expect, test } from 'vitest';
import { describeError } from '../../src/i18n/describe-error';
import { en } from '../../src/i18n/en';
import { session as englishSession } from '../../src/i18n/en/session';
import { settings as englishSettings } from '../../src/i18n/en/settings';
import { directionOf, pickLocale } from '../../src/i18n/locales';
import { th } from '../../src/i18n/th';
import { session as thaiSession } from '../../src/i18n/th/session';
import { settings as thaiSettings } from '../../src/i18n/th/settings';

const THAI = /[\u0E00-\u0E7F]/u;
/** The same in every language. */
const UNTRANSLATED = new Set(['Duologue', 'GIF']);

function leaves(value: unknown, path = ''): [path: string, value: unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, path === '' ? key : `${path}.${key}`));
}

const english = leaves({ ...en, session: englishSession, settings: englishSettings });
const thai = new Map(leaves({ ...th, session: thaiSession, settings: thaiSettings }));

test('every text there is in English there is in Thai, as the same kind', () => {
  const missing = english.filter(([path, value]) => typeof thai.get(path) !== typeof value);
  expect(missing.map(([path]) => path)).toEqual([]);
});

test('Thai texts are in Thai', () => {
  const foreign = [...thai].filter(
    ([, value]) => typeof value === 'string' && !THAI.test(value) && !UNTRANSLATED.has(value),
  );
  expect(foreign).toEqual([]);
});

test('no text ends in a blank or is empty', () => {
  const odd = [...english, ...thai].filter(([, value]) => typeof value === 'string' && value.trim() !== value);
  expect(odd).toEqual([]);
  expect([...english, ...thai].filter(([, value]) => value === '')).toEqual([]);
});

test.each([
  [['th-TH', 'en'], 'th'],
  [['de', 'th'], 'th'],
  [['de'], 'en'],
  [[], 'en'],
])('who wants %j gets %s', (wanted, given) => {
  expect(pickLocale(wanted)).toBe(given);
});

test('Arabic and Hebrew run from right to left', () => {
  expect(['ar-EG', 'he', 'th', 'en'].map(directionOf)).toEqual(['rtl', 'rtl', 'ltr', 'ltr']);
});

test('an error is told by its code, with how long to wait', () => {
  expect(describeError(en, new DuologueError('BLOCKED', 'x'))).toBe(en.errors.BLOCKED);
  expect(describeError(en, new DuologueError('RATE_LIMITED', 'x', { retryAfter: 7 }))).toContain('7 s');
  expect(describeError(en, new DuologueError('INTERNAL_ERROR', 'x'))).toBe(en.errors.other);
  expect(describeError(en, new Error('a bug'))).toBe(en.errors.other);
});

import { expect, test } from 'vitest';
import { clothOf, initialsOf } from '../../src/ui/initials';

test.each([
  ['Nora Lindqvist', 'NL'],
  ['Ana Maria de la Cruz', 'AC'],
  ['tom', 'T'],
  ['ann.lee_99', 'A9'],
  ['เอก ไชยวงศ์', 'อช'],
  ['ليلى حداد', 'لح'],
  ['Élodie', 'É'],
  ['🎭', '🎭'],
  ['  ', '?'],
  ['', '?'],
])('of "%s" they are %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test('the same name wears the same cloth, and names wear all of them', () => {
  expect(clothOf('Nora')).toBe(clothOf('Nora'));
  const names = Array.from({ length: 200 }, (_, index) => `person ${index}`);
  expect(new Set(names.map(clothOf)).size).toBe(6);
});

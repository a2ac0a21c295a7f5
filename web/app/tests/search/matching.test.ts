import { expect, it } from 'vitest';
import { beginsWith } from '../../src/search/matching';

it.each([
  ['ada', 'AD', true],
  ['Ada', 'ada', true],
  ['straße', 'STRASS', true],
  ['Ren\u00e9e', 'rene\u0301', true],
  ['ΟΔΥΣΣΕΥΣ', 'οδυσ', true],
  ['x²', 'x2', false],
  ['ada', 'adam', false],
  ['ada', 'da', false],
])('compares usernames as the server does: %s and %s', (username, typed, does) => {
  expect(beginsWith(username, typed)).toBe(does);
});

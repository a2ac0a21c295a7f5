import { expect, it } from 'vitest';
import { isSameName, pathOf, usernameAt } from '../src/address';

it('makes an address for any name', () => {
  expect(pathOf('ก b/c')).toBe('/chat/%E0%B8%81%20b%2Fc');
  expect(isSameName('ANN', 'ann')).toBe(true);
  expect(isSameName('ann', undefined)).toBe(false);
});

it.each(['a@b.example', '50%', 'a%40b', '&+$,;:=?#%', 'สมชาย', "o'neill (2)"])(
  'tells by an address whose conversation is there: %s',
  (name) => {
    expect(usernameAt(pathOf(name))).toBe(name);
  },
);

it.each(['/', '/settings', '/chat/', '/chat/a/b', '/chat/%'])('tells that %s is the conversation of nobody', (path) => {
  expect(usernameAt(path)).toBeNull();
});

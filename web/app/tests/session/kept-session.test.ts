import { expect, test } from 'vitest';
import { createSessionStore, isLeaving, readSession, SESSION_KEY } from '../../src/session/kept-session';

const text = (user: string) => JSON.stringify({ user, refreshToken: 'r' });

test.each([null, '', 'x', '[]', '{"user":"a"}', '{"user":1,"refreshToken":"r"}'])('%j is no session', (kept) => {
  expect(readSession(kept)).toBeNull();
});

test('without storage a session holds as long as the page', () => {
  const store = createSessionStore(null);
  store.save({ user: 'a', refreshToken: 'r' });
  expect(store.load()).toEqual({ user: 'a', refreshToken: 'r' });
  store.save(null);
  expect(store.load()).toBeNull();
});

test('a tab leaves when another signs out or somebody else in, and stays when a token is renewed', () => {
  const event = (oldValue: string | null, newValue: string | null, key = SESSION_KEY) => ({ key, oldValue, newValue });
  expect(isLeaving(event(text('a'), null))).toBe(true);
  expect(isLeaving(event(text('a'), text('b')))).toBe(true);
  expect(isLeaving(event(text('a'), text('a')))).toBe(false);
  expect(isLeaving(event(null, text('a')))).toBe(false);
  expect(isLeaving(event(text('a'), null, 'other'))).toBe(false);
});

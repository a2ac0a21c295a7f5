import { expect, test } from 'vitest';
import type { GetToken } from '../../src/connection/token.js';
import { createTokens, expiry } from '../../src/connection/token.js';

/** A source that hands out a, b, c ... when told to, and keeps how it was asked. */
function source(): { getToken: GetToken; asked: boolean[]; bring: (token: string | null) => void; fail: () => void } {
  const asked: boolean[] = [];
  const waiting: { done: (token: string | null) => void; fail: (error: Error) => void }[] = [];
  return {
    asked,
    getToken: ({ refresh }) => {
      asked.push(refresh);
      return new Promise((done, fail) => waiting.push({ done, fail }));
    },
    bring: (token) => waiting.shift()?.done(token),
    fail: () => waiting.shift()?.fail(new Error('offline')),
  };
}

test('the token is asked for once however many wait, and kept', async () => {
  const { getToken, asked, bring } = source();
  const tokens = createTokens(getToken);
  const both = Promise.all([tokens.get(), tokens.get()]);
  bring('a');
  expect(await both).toEqual(['a', 'a']);
  expect(await tokens.get()).toBe('a');
  expect(asked).toEqual([false]);
});

test('a refused token is replaced once, whoever was refused first', async () => {
  const { getToken, asked, bring } = source();
  const tokens = createTokens(getToken);
  const first = tokens.get();
  bring('a');
  await first;
  const both = Promise.all([tokens.refresh('a'), tokens.refresh('a')]);
  await Promise.resolve();
  bring('b');
  expect(await both).toEqual(['b', 'b']);
  expect(await tokens.refresh('a')).toBe('b');
  expect(await tokens.get()).toBe('b');
  expect(asked).toEqual([false, true]);
});

test('a token that is on its way is looked at before another is asked for', async () => {
  const { getToken, asked, bring } = source();
  const tokens = createTokens(getToken);
  const first = tokens.get();
  const refreshed = tokens.refresh('old');
  bring('new');
  expect([await first, await refreshed]).toEqual(['new', 'new']);
  expect(asked).toEqual([false]);
});

test('a failure is told to all who wait, and the next ask tries again', async () => {
  const { getToken, asked, bring, fail } = source();
  const tokens = createTokens(getToken);
  const failed = tokens.get();
  fail();
  await expect(failed).rejects.toThrow('offline');
  const again = tokens.get();
  bring('a');
  expect(await again).toBe('a');
  expect(asked).toHaveLength(2);
});

test('being signed out is not kept', async () => {
  const { getToken, bring } = source();
  const tokens = createTokens(getToken);
  const first = tokens.get();
  bring(null);
  expect(await first).toBeNull();
  const second = tokens.get();
  bring('a');
  expect(await second).toBe('a');
});

test('what was asked for before a change of users does not come back', async () => {
  const { getToken, bring } = source();
  const tokens = createTokens(getToken);
  const old = tokens.get();
  tokens.forget();
  const now = tokens.get();
  bring('old');
  bring('new');
  expect([await old, await now, await tokens.get()]).toEqual(['old', 'new', 'new']);
});

test('the expiry of a JWT is read, and an opaque token has none', () => {
  const jwt = (claims: string): string => `e30.${Buffer.from(claims).toString('base64url')}.sig`;
  expect(expiry(jwt('{"exp": 1700000000.5, "name": "ü?>"}'))).toBe(1_700_000_000_500);
  expect(expiry(jwt('{}'))).toBeNull();
  expect(expiry(jwt('{"exp": "soon"}'))).toBeNull();
  expect(expiry(jwt('null'))).toBeNull();
  expect(expiry('a.%%.c')).toBeNull();
  expect(expiry('opaque')).toBeNull();
});

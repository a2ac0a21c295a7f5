import { expect, test } from 'vitest';
import { takeHashToken } from '../../src/session/hash-token';
import { createPlatformTokens, type TokenWindow } from '../../src/session/platform-tokens';
import { readWebConfig } from '../../src/session/web-config';

const PLATFORM = 'https://platform.example';

/** A page around ours, and time by hand. */
function stage(options: { first?: string | null; origins?: string[]; isFramed?: boolean } = {}) {
  const { first = null, origins = [PLATFORM], isFramed = true } = options;
  const asked: [message: unknown, origin: string][] = [];
  const heard = new Set<(event: MessageEvent) => void>();
  const timers = new Set<() => void>();
  const host = { postMessage: (message: unknown, origin: string) => asked.push([message, origin]) };
  const window = {
    host: isFramed ? host : null,
    addEventListener: (_type: string, listener: (event: MessageEvent) => void) => heard.add(listener),
    removeEventListener: (_type: string, listener: (event: MessageEvent) => void) => heard.delete(listener),
  } as TokenWindow;
  const tokens = createPlatformTokens({
    window,
    origins,
    first,
    after: (_ms, callback) => {
      timers.add(callback);
      return () => timers.delete(callback);
    },
  });
  const say = (data: unknown, origin = PLATFORM, source: unknown = host) => {
    for (const listener of heard) listener({ data, origin, source } as MessageEvent);
  };
  const elapse = () => {
    for (const callback of timers) callback();
  };
  return { tokens, asked, say, elapse, heard, timers };
}
const token = (value: string) => ({ type: 'duologue.token', token: value });

test('the token of the address is used without asking anybody', async () => {
  const { tokens, asked } = stage({ first: 'one' });
  expect(await tokens.getToken({ refresh: false })).toBe('one');
  expect(asked).toEqual([]);
});

test('a refused token is asked for anew, and whoever waits gets the answer', async () => {
  const { tokens, asked, say, timers } = stage({ first: 'one' });
  const waiting = [tokens.getToken({ refresh: true }), tokens.getToken({ refresh: true })];
  expect(asked).toContainEqual([{ type: 'duologue.token.wanted' }, PLATFORM]);
  say(token('two'));
  expect(await Promise.all(waiting)).toEqual(['two', 'two']);
  expect(await tokens.getToken({ refresh: false })).toBe('two');
  expect(timers.size).toBe(0);
});

test('nobody but the page around, of an allowed origin, can hand over a token', async () => {
  const { tokens, say, elapse } = stage();
  const waiting = tokens.getToken({ refresh: false });
  say(token('evil'), 'https://evil.example');
  say(token('evil'), PLATFORM, {});
  for (const odd of [null, 'x', {}, { type: 'duologue.token' }, { type: 'duologue.token', token: 7 }, token('')])
    say(odd);
  elapse();
  expect(await waiting).toBeNull();
});

test('a star among the origins lets nobody hand over a token', async () => {
  const { tokens, asked, say } = stage({ origins: ['*'] });
  say(token('evil'), 'https://evil.example');
  expect(await tokens.getToken({ refresh: false })).toBeNull();
  expect(asked).toEqual([]);
});

test('without a page around there is nobody to ask', async () => {
  expect(await stage({ isFramed: false }).tokens.getToken({ refresh: false })).toBeNull();
});

test('a token that nobody asked for is told of: somebody else may have signed in', () => {
  const { tokens, say, heard } = stage({ first: 'one' });
  let told = 0;
  tokens.onToken(() => {
    told += 1;
  });
  say(token('two'));
  expect(told).toBe(1);
  tokens.stop();
  expect(heard.size).toBe(0);
});

test.each([
  ['#token=a.b.c', 'a.b.c', ''],
  ['#token=a%2Bb&view=1', 'a+b', '#view=1'],
  ['#token=', null, ''],
])('from %s the token is %s, and %s stays in the address', (hash, taken, rest) => {
  const kept: unknown[][] = [];
  const location = { hash, pathname: '/chat/ann', search: '?around=1' } as Location;
  const history = { state: { a: 1 }, replaceState: (...call: unknown[]) => kept.push(call) } as unknown as History;
  expect(takeHashToken(location, history)).toBe(taken);
  expect(kept).toEqual([[{ a: 1 }, '', `/chat/ann?around=1${rest}`]]);
});

test('an address without a token is left alone', () => {
  const history = { replaceState: () => expect.unreachable() } as unknown as History;
  expect(takeHashToken({ hash: '#top', pathname: '/', search: '' } as Location, history)).toBeNull();
});

test.each(['', 'null', '[]', '<!doctype html>', '{"accounts":1,"origins":[]}', '{"accounts":true}'])(
  '%j is no answer of a server of ours',
  (text) => {
    expect(readWebConfig(text)).toBeNull();
  },
);

import { expect, test, vi } from 'vitest';
import { memoryByHand } from '../../src/platform/memory.js';
import { createRest } from '../../src/rest/create-rest.js';
import { newerPage } from '../../src/rest/pages.js';

const SEPARATORS = /[/=]/;

type Reply = Response | Error | 'silence';

/** REST over a network that answers this, one after the other, and what was asked of it. */
function restOver(replies: Reply[], tokens = { get: async () => 'token', refresh: async () => 'token' }) {
  const asked: { url: string; init: RequestInit }[] = [];
  const fetch: typeof globalThis.fetch = async (url, init = {}) => {
    asked.push({ url: String(url), init });
    init.signal?.throwIfAborted();
    const reply = replies.shift();
    if (reply instanceof Response) return reply;
    if (reply instanceof Error) throw reply;
    return await new Promise((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  };
  const platform = memoryByHand({ fetch });
  return { asked, platform, rest: createRest({ url: 'https://chat.test/', tokens, platform }) };
}

const success = (data: unknown = {}): Response => Response.json({ success: true, message: 'ok', data });
const failure = (status: number, code: string, more: object = {}): Response =>
  Response.json({ success: false, message: 'm', error: { code, message: 'm', requestId: 'r', ...more } }, { status });
const bearer = ({ init }: { init: RequestInit }): string | null => new Headers(init.headers).get('Authorization');

test('paths stand behind the root, names and cursors are escaped', async () => {
  const { rest, asked } = restOver([success(), success()]);
  await rest.conversations.withUser('a/b?');
  await rest.blocks.list({ cursor: 'a+b=' });
  expect(asked.every(({ url }) => url.startsWith('https://chat.test/api/v1/chat/'))).toBe(true);
  expect(asked.map(({ url }) => url.split(SEPARATORS).at(-1))).toEqual(['a%2Fb%3F', 'a%2Bb%3D']);
});

test('a refused token is refreshed, and the same asked again, once', async () => {
  const refresh = vi.fn(async () => 'fresh');
  const tokens = { get: async () => 'stale', refresh };
  const { rest, asked } = restOver([failure(401, 'UNAUTHORIZED'), success(), failure(401, 'UNAUTHORIZED')], tokens);
  await rest.users.me();
  expect(asked.map(bearer)).toEqual(['Bearer stale', 'Bearer fresh']);
  expect(refresh).toHaveBeenCalledWith('stale');
  const { rest: again, asked: twice } = restOver([failure(401, 'UNAUTHORIZED'), failure(401, 'UNAUTHORIZED')], tokens);
  await expect(again.users.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(twice).toHaveLength(2);
});

test('a token that comes back as it was is not tried again', async () => {
  const { rest, asked } = restOver([failure(401, 'UNAUTHORIZED'), success()]);
  await expect(rest.users.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(asked).toHaveLength(1);
});

test('who is signed out asks nothing', async () => {
  const { rest, asked } = restOver([], { get: async () => null as never, refresh: async () => null as never });
  await expect(rest.users.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(asked).toEqual([]);
});

test('a token that cannot be had now is as a network that fails', async () => {
  const { rest } = restOver([], { get: () => Promise.reject(new TypeError('offline')), refresh: async () => '' });
  await expect(rest.users.me()).rejects.toMatchObject({ code: 'NETWORK', isRetryable: true });
});

test.each([
  [429, 'RATE_LIMITED'],
  [503, 'UNAVAILABLE'],
])('reading waits as long as %i says, twice at most', async (status, code) => {
  const putOff = () => failure(status, code, { retryAfter: 7 });
  const { rest, asked, platform } = restOver([putOff(), putOff(), putOff()]);
  const refused = expect(rest.users.me()).rejects.toMatchObject({ code, status, retryAfter: 7 });
  await platform.advance(6999);
  expect(asked).toHaveLength(1);
  await platform.advance(1);
  expect(asked).toHaveLength(2);
  await platform.advance(7000);
  await refused;
  expect(asked).toHaveLength(3);
});

test('reading does not wait for longer than a minute, nor when nobody says how long', async () => {
  const { rest, asked } = restOver([failure(429, 'RATE_LIMITED', { retryAfter: 61 }), failure(503, 'UNAVAILABLE')]);
  await expect(rest.users.me()).rejects.toMatchObject({ retryAfter: 61 });
  await expect(rest.users.me()).rejects.toMatchObject({ code: 'UNAVAILABLE', isLost: false });
  expect(asked).toHaveLength(2);
});

test('a write that is put off is not repeated', async () => {
  const { rest, asked } = restOver([failure(429, 'RATE_LIMITED', { retryAfter: 1 })]);
  await expect(rest.blocks.add('x')).rejects.toMatchObject({ code: 'RATE_LIMITED', isLost: false });
  expect(asked).toHaveLength(1);
});

test('a caller who gives up while it waits is told so at once', async () => {
  const { rest, platform, asked } = restOver([failure(429, 'RATE_LIMITED', { retryAfter: 5 })]);
  const stop = new AbortController();
  const refused = expect(rest.conversations.list({ signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  await platform.advance(100);
  stop.abort();
  await refused;
  await platform.advance(10_000);
  expect(asked).toHaveLength(1);
});

test('a caller who gives up while the server thinks is told so', async () => {
  const { rest } = restOver(['silence']);
  const stop = new AbortController();
  const refused = expect(rest.conversations.list({ signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  stop.abort();
  await refused;
  const before = rest.conversations.list({ signal: AbortSignal.abort() });
  await expect(before).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('silence for 30 seconds is a network that fails; a long poll is waited for', async () => {
  const { rest, platform } = restOver(['silence', 'silence']);
  const outcomes: string[] = [];
  const told = (name: string) => (error: { code: string }) => outcomes.push(`${name} ${error.code}`);
  rest.users.me().catch(told('me'));
  rest.events({ since: 1, wait: 25 }).catch(told('events'));
  await platform.advance(29_999);
  expect(outcomes).toEqual([]);
  await platform.advance(1);
  expect(outcomes).toEqual(['me NETWORK']);
  await platform.advance(25_000);
  expect(outcomes).toEqual(['me NETWORK', 'events NETWORK']);
});

test.each<[string, Reply, string]>([
  ['no network', new TypeError('failed'), 'NETWORK'],
  ['a page of a proxy', new Response('<html>', { status: 502 }), 'BAD_ANSWER'],
  ['a server in trouble', failure(503, 'UNAVAILABLE'), 'UNAVAILABLE'],
])('a write that met %s may have been done', async (_, reply, code) => {
  const { rest } = restOver([reply]);
  await expect(rest.blocks.add('x')).rejects.toMatchObject({ code, isLost: true, isRetryable: true });
});

test.each([
  [413, 'PAYLOAD_TOO_LARGE'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
  [403, 'BAD_ANSWER'],
  [404, 'BAD_ANSWER'],
])('a page of a proxy that refuses with %i is %s, and final', async (status, code) => {
  const { rest } = restOver([new Response('<html>', { status })]);
  await expect(rest.blocks.add('x')).rejects.toMatchObject({ code, status, isRetryable: false });
});

test('reading what is not ours is BAD_ANSWER, also with status 200', async () => {
  const { rest } = restOver([new Response('<html>'), Response.json({ success: false, data: 1 }), Response.json(null)]);
  for (const _ of [1, 2, 3]) {
    // biome-ignore lint/performance/noAwaitInLoops: one reply after the other
    await expect(rest.users.me()).rejects.toMatchObject({ code: 'BAD_ANSWER', isLost: false });
  }
});

test('a page whose position was lost on the way is refused', () => {
  const answer = { success: true as const, message: '', data: { messages: [], meta: { hasMore: false } } };
  expect(() => newerPage(answer, 'cursor')).toThrow('Duologue-Position');
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { offlineAnswer } from '../../src/sw/shell-cache';

const FILES = { hash: 'abc', paths: ['/', '/assets/main.js'] };
const ORIGIN = 'https://chat.example';
const KEPT = 'the kept page';

/** What the browser brings: a cache that holds the page, and a network that answers so. */
function surround(network: () => Promise<Response>): void {
  vi.stubGlobal('caches', { match: async () => new Response(KEPT) });
  vi.stubGlobal('fetch', network);
}

const visit = (path: string) =>
  offlineAnswer({ url: ORIGIN + path, method: 'GET', mode: 'navigate' } as Request, FILES, ORIGIN);

afterEach(() => vi.unstubAllGlobals());

describe('a visit to a page of the client', () => {
  it('gets the newest page from the server', async () => {
    surround(async () => new Response('the newest page'));
    expect(await (await visit('/chat/ann'))?.text()).toBe('the newest page');
  });

  it.each([
    ['there is no network', async () => Promise.reject(new TypeError('Failed to fetch'))],
    ['the server is away behind its proxy', async () => new Response('Bad gateway', { status: 502 })],
  ])('gets the kept page when %s', async (_why, network) => {
    surround(network);
    expect(await (await visit('/'))?.text()).toBe(KEPT);
  });

  it.each([401, 403, 404])('gets the answer %i as it is: somebody wants it seen', async (status) => {
    surround(async () => new Response('no', { status }));
    expect((await visit('/'))?.status).toBe(status);
  });

  it('follows the way to another sign-in, as a proxy before the server wants', async () => {
    const redirect = Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
    surround(async () => redirect);
    expect(await visit('/')).toBe(redirect);
  });

  it('is no matter of the worker elsewhere', () => {
    expect(visit('/docs')).toBeNull();
    expect(visit('/chat/ws')).toBeNull();
  });
});

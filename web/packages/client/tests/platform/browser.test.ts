// @vitest-environment jsdom
// @vitest-environment-options {"url": "http://localhost/"}
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { browser } from '../../src/platform/browser.js';
import type { TransferRequest } from '../../src/ports.js';

let hanging = false;
const received: { method?: string | undefined; token?: string | undefined; body: string }[] = [];
const server = createServer((request, response) => {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Allow-Headers', '*, Authorization');
  response.setHeader('Access-Control-Allow-Methods', 'PATCH');
  response.setHeader('Access-Control-Expose-Headers', 'Upload-Offset');
  if (request.method === 'OPTIONS') {
    response.end();
    return;
  }
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    received.push({ method: request.method, token: request.headers.authorization, body });
    response.setHeader('Upload-Offset', body.length);
    if (!hanging) response.writeHead(201).end('said');
  });
});

beforeAll(() => new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  hanging = false;
  received.length = 0;
});

function asking(more: Partial<TransferRequest> = {}): TransferRequest {
  const { port } = server.address() as AddressInfo;
  return {
    method: 'PATCH',
    url: `http://127.0.0.1:${port}/`,
    headers: { Authorization: 'Bearer t' },
    body: new Blob(['x'.repeat(1000)]),
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...more,
  };
}

test('a transfer tells how far it is, and what was answered', async () => {
  const progress: number[] = [];
  const answer = await browser().transfer(asking({ onProgress: (sent) => progress.push(sent) }));
  expect(answer).toMatchObject({ status: 201, text: 'said' });
  expect(answer.header('upload-offset')).toBe('1000');
  expect(answer.header('Location')).toBeNull();
  expect(progress.at(-1)).toBe(1000);
  expect(received).toEqual([{ method: 'PATCH', token: 'Bearer t', body: 'x'.repeat(1000) }]);
});

test('a transfer without a network is a TypeError, as of fetch', async () => {
  await expect(browser().transfer(asking({ url: 'http://127.0.0.1:1/' }))).rejects.toBeInstanceOf(TypeError);
});

test('a transfer is given up by its signal, before it begins and while it waits', async () => {
  const { transfer } = browser();
  await expect(transfer(asking({ signal: AbortSignal.abort(new Error('before')) }))).rejects.toThrow('before');
  expect(received).toEqual([]);
  hanging = true;
  const stop = new AbortController();
  const waiting = expect(transfer(asking({ signal: stop.signal }))).rejects.toThrow('meanwhile');
  await expect.poll(() => received.length).toBe(1);
  stop.abort(new Error('meanwhile'));
  await waiting;
});

test('the network tells of coming and going, of pages that show and pages that come back, until nobody listens', () => {
  const { network } = browser();
  const heard: string[] = [];
  const stop = network.subscribe((event) => heard.push(event));
  const see = (state: string): void => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  };
  globalThis.dispatchEvent(new Event('offline'));
  globalThis.dispatchEvent(new Event('online'));
  see('hidden');
  expect(network.isVisible()).toBe(false);
  see('visible');
  expect(network.isVisible()).toBe(true);
  globalThis.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }));
  globalThis.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  expect(heard).toEqual(['offline', 'online', 'hidden', 'visible', 'visible']);
  stop();
  globalThis.dispatchEvent(new Event('offline'));
  expect(heard).toHaveLength(5);
});

test('the network believes the browser', () => {
  const { network } = browser();
  expect(network.isOnline()).toBe(true);
  Object.defineProperty(navigator, 'onLine', { value: false, configurable: true });
  expect(network.isOnline()).toBe(false);
});

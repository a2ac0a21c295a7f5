import { expect, test } from 'vitest';
import type { UploadProgress } from '../../src/model.js';
import { type DrivenPlatform, memoryByHand } from '../../src/platform/memory.js';
import type { TransferAnswer } from '../../src/ports.js';
import { createUploads } from '../../src/uploads/create-uploads.js';

type Outcome = { id?: string; code?: string };

const LOCATION = '/api/v1/chat/uploads/the-id';
const SIZE = 10;

/** An upload of 10 bytes to a server whose transfers end like this, one after the other; each HEAD says that nothing is there yet. */
function uploading(transfers: (TransferAnswer | Error | 'silence')[]) {
  const asked: string[] = [];
  const platform: DrivenPlatform = memoryByHand({
    fetch: (_, init) => {
      asked.push(init?.method ?? '');
      const headers = { Location: LOCATION, 'Upload-Offset': '0' };
      return Promise.resolve(new Response(null, { status: init?.method === 'POST' ? 201 : 200, headers }));
    },
    transfer: async ({ signal }) => {
      asked.push('PATCH');
      const next = transfers.shift();
      if (next instanceof Error) throw next;
      if (next !== undefined && next !== 'silence') return next;
      return await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  });
  const tokens = { get: async () => 'token', refresh: async () => 'token' };
  const uploads = createUploads({ url: '', tokens, platform: { ...platform, random: () => 0.5 } });
  const outcome: Outcome = {};
  const stop = new AbortController();
  const onProgress = (_: UploadProgress): void => undefined;
  uploads
    .upload({ blob: new Blob(['x'.repeat(SIZE)]), name: 'a', kind: 'file' }, { onProgress, signal: stop.signal })
    .then(
      (id) => Object.assign(outcome, { id }),
      (error) => Object.assign(outcome, { code: error.code }),
    );
  return { platform, asked, outcome, stop };
}

function reply(status: number, headers: Record<string, string> = {}, text = ''): TransferAnswer {
  const found = new Headers(headers);
  return { status, header: (name) => found.get(name), text };
}
const done = reply(204, { 'Upload-Offset': String(SIZE) });

test('an upload that is put off waits as long as it is told, asks how far it is, and goes on', async () => {
  const { platform, asked, outcome } = uploading([reply(503, { 'Retry-After': '9' }), done]);
  await platform.advance(8999);
  expect(asked).toEqual(['POST', 'PATCH']);
  await platform.advance(1);
  expect(asked).toEqual(['POST', 'PATCH', 'HEAD', 'PATCH']);
  expect(outcome.id).toBe('the-id');
});

test('an upload that is put off for more than a minute is given back', async () => {
  const { platform, outcome } = uploading([reply(429, { 'Retry-After': '61' })]);
  await platform.advance(0);
  expect(outcome).toEqual({ code: 'RATE_LIMITED' });
});

test.each([409, 460])('after %i the place is asked for, and the piece sent again at once', async (status) => {
  const { platform, asked, outcome } = uploading([reply(status), done]);
  await platform.advance(0);
  expect(asked).toEqual(['POST', 'PATCH', 'HEAD', 'PATCH']);
  expect(outcome.id).toBe('the-id');
});

test.each([
  [400, 'VALIDATION_ERROR'],
  [403, 'FORBIDDEN'],
  [413, 'PAYLOAD_TOO_LARGE'],
  [507, 'STORAGE_FULL'],
])('%i is final', async (status, code) => {
  const { platform, asked, outcome } = uploading([reply(status), done]);
  await platform.advance(60_000);
  expect(outcome).toEqual({ code });
  expect(asked).toEqual(['POST', 'PATCH']);
});

test('a proxy that takes no body so large ends it, whatever its page says', async () => {
  const { platform, asked, outcome } = uploading([reply(413, {}, '<html>nginx</html>'), done]);
  await platform.advance(60_000);
  expect(outcome).toEqual({ code: 'PAYLOAD_TOO_LARGE' });
  expect(asked).toEqual(['POST', 'PATCH']);
});

test('each failure doubles the wait, of which a random part is taken', async () => {
  const cut = new TypeError('cut');
  const { platform, asked } = uploading([cut, cut, cut, done]);
  const patches = async (ms: number): Promise<number> => {
    await platform.advance(ms);
    return asked.filter((method) => method === 'PATCH').length;
  };
  expect([await patches(499), await patches(1)]).toEqual([1, 2]);
  expect([await patches(999), await patches(1)]).toEqual([2, 3]);
  expect([await patches(1999), await patches(1)]).toEqual([3, 4]);
});

test('it does not wait any longer when the network is back', async () => {
  const { platform, outcome } = uploading([new TypeError('cut'), done]);
  await platform.advance(0);
  platform.network.setOnline(false);
  platform.network.setOnline(true);
  await platform.advance(0);
  expect(outcome.id).toBe('the-id');
});

test('who cancels while it waits is told so at once, and nothing is left', async () => {
  const { platform, asked, outcome, stop } = uploading([new TypeError('cut'), done]);
  await platform.advance(0);
  stop.abort();
  await platform.advance(0);
  expect(outcome).toEqual({ code: 'CANCELLED' });
  expect(asked).toEqual(['POST', 'PATCH', 'DELETE']);
});

test('a connection on which nothing moves for a minute is given up', async () => {
  const { platform, asked, outcome } = uploading(['silence', done]);
  await platform.advance(59_999);
  expect(asked).toEqual(['POST', 'PATCH']);
  await platform.advance(1 + 500);
  expect(outcome.id).toBe('the-id');
});

/** Networks that fail in the middle of an upload, over real connections. */

import { once } from 'node:events';
import { request } from 'node:http';
import { memory } from '../../src/platform/memory.js';
import type { Platform, TransferRequest } from '../../src/ports.js';

type Transfer = Platform['transfer'];

/** Sends so many bytes of the body and then nothing more, the first `times` times; then it works. */
export function cutAfter(bytes: number, times = 1): { transfer: Transfer; offsets: string[] } {
  const { transfer } = memory();
  const offsets: string[] = [];
  let left = times;
  return {
    offsets,
    transfer: async (asked) => {
      offsets.push(asked.headers['Upload-Offset'] ?? '');
      if (left === 0) return await transfer(asked);
      left -= 1;
      await sendPart(asked, bytes);
      throw new TypeError('cut');
    },
  };
}

/** The connection stays open and silent, as one does whose network is gone; the server is reading when the bytes leave. */
async function sendPart({ method, url, headers, body, onProgress }: TransferRequest, bytes: number): Promise<void> {
  const sending = request(url, {
    method,
    headers: { ...headers, 'Content-Length': body.size, Expect: '100-continue' },
  });
  sending.on('response', () => sending.destroy());
  sending.flushHeaders();
  await once(sending, 'continue');
  const part = new Uint8Array(await body.slice(0, bytes).arrayBuffer());
  await new Promise<void>((sent) => sending.write(part, () => sent()));
  onProgress(bytes);
}

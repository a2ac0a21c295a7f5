/** The requests of tus 1.0 (tus.io), as the server speaks it below /api/v1/chat/uploads. Each rejects with a DuologueError. */

import { DuologueError } from '../errors.js';
import type { DraftFile } from '../model.js';
import type { Platform, TransferAnswer, TransferRequest } from '../ports.js';
import { errorOf } from '../rest/answers.js';
import { authorized, type TokenSource } from '../rest/authorized.js';
import { exchange, failureOf } from '../rest/exchange.js';
import { rootOf } from '../rest/http.js';
import { CHAT } from '../rest/paths.js';
import type { Id } from '../wire.js';

const VERSION = { 'Tus-Resumable': '1.0.0' };
const OCTETS = { 'Content-Type': 'application/offset+octet-stream' };
const UPLOADS = `${CHAT}/uploads`;

/** Milliseconds: without a byte sent a connection is taken for dead; who asks how far it is may wait for a video to be checked. */
const STALL = 60_000;
const STANDING_PATIENCE = 120_000;

export interface TusOptions {
  /** The server's root; empty for the page's own. */
  readonly url: string;
  readonly tokens: TokenSource;
  readonly platform: Pick<Platform, 'fetch' | 'transfer' | 'timers' | 'random' | 'network'>;
}

export interface Tus {
  /** Where the upload goes on, as the server said it. */
  readonly begin: (file: DraftFile) => Promise<string>;
  /** How many bytes are there; all of them: the server took the file. */
  readonly standing: (location: string, signal: AbortSignal) => Promise<number>;
  /** The next bytes; resolves with how many are there then. */
  readonly append: (location: string, piece: Piece) => Promise<number>;
  readonly end: (location: string) => Promise<void>;
}

export interface Piece extends Pick<TransferRequest, 'body' | 'signal' | 'onProgress'> {
  readonly offset: number;
}

export function createTus({ url, tokens, platform }: TusOptions): Tus {
  const root = rootOf(url) + UPLOADS;
  const at = (location: string): string => `${root}/${idOf(location)}`;
  const ask = (method: string, target: string, more: Asked = {}): Promise<TransferAnswer> =>
    authorized(tokens, async (token) => {
      const headers = { ...VERSION, ...bearer(token), ...more.headers };
      return accepted(await exchange(platform, { ...more, method, url: target, headers }));
    });
  return {
    begin: async (file) => {
      const headers = { 'Upload-Length': String(file.blob.size), 'Upload-Metadata': metadataOf(file) };
      const location = (await ask('POST', root, { headers })).header('Location') ?? '';
      idOf(location);
      return location;
    },
    standing: async (location, signal) =>
      offsetOf(await ask('HEAD', at(location), { signal, patience: STANDING_PATIENCE })),
    append: (location, piece) => authorized(tokens, (token) => append(platform, at(location), token, piece)),
    end: async (location) => {
      await ask('DELETE', at(location));
    },
  };
}

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly patience?: number;
}

async function append(
  platform: TusOptions['platform'],
  url: string,
  token: string,
  { offset, ...piece }: Piece,
): Promise<number> {
  const stalled = new AbortController();
  const watch = (): (() => void) => platform.timers.after(STALL, () => stalled.abort());
  const give = (): void => stalled.abort();
  let callOff = watch();
  piece.signal.addEventListener('abort', give);
  try {
    const headers = { ...VERSION, ...OCTETS, ...bearer(token), 'Upload-Offset': String(offset) };
    const onProgress = (sent: number): void => {
      callOff();
      callOff = watch();
      piece.onProgress(sent);
    };
    const { signal } = stalled;
    return offsetOf(accepted(await platform.transfer({ ...piece, method: 'PATCH', url, headers, onProgress, signal })));
  } catch (error) {
    throw await causeOf(error, piece);
  } finally {
    callOff();
    piece.signal.removeEventListener('abort', give);
  }
}

/** Of a file that cannot be read any more a platform says that the network failed. */
async function causeOf(error: unknown, { body, signal }: Pick<Piece, 'body' | 'signal'>): Promise<DuologueError> {
  const failure = failureOf(error, signal);
  if (failure.code !== 'NETWORK' || (await isReadable(body))) return failure;
  return new DuologueError('UNREADABLE', 'The file cannot be read any more');
}

async function isReadable(body: Blob): Promise<boolean> {
  const first = body.slice(0, 1);
  if (!('arrayBuffer' in first)) return true; // React Native's cannot be asked
  return await first.arrayBuffer().then(
    () => true,
    () => false,
  );
}

/** The id of the attachment-to-be: the last part of where the upload goes on. Nothing else of that is used. */
export function idOf(location: string): Id {
  const id = location.slice(location.lastIndexOf('/') + 1);
  if (id === '') throw new DuologueError('BAD_ANSWER', 'The answer lacks the header Location');
  return id;
}

function accepted(reply: TransferAnswer): TransferAnswer {
  if (reply.status >= 200 && reply.status < 300) return reply;
  throw errorOf(reply);
}

function offsetOf(reply: TransferAnswer): number {
  const offset = Number.parseInt(reply.header('Upload-Offset') ?? '', 10);
  if (Number.isNaN(offset)) throw new DuologueError('BAD_ANSWER', 'The answer lacks the header Upload-Offset');
  return offset;
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** Pairs of a key and a value in Base64. */
function metadataOf({ name, blob, kind }: DraftFile): string {
  const said: [string, string][] = [
    ['filename', name === '' ? 'file' : name],
    ['filetype', blob.type],
    ['type', kind],
  ];
  return said.flatMap(([key, value]) => (value === '' ? [] : [`${key} ${base64(value)}`])).join(',');
}

function base64(text: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}

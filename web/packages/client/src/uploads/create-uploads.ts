/** Uploads that go on where they were cut off: by themselves, and after a reload from what was kept of their progress. */

import { DuologueError } from '../errors.js';
import type { DraftFile, UploadProgress } from '../model.js';
import type { Network, Timers } from '../ports.js';
import { failureOf, pause } from '../rest/exchange.js';
import type { Id } from '../wire.js';
import { createTus, idOf, type Tus, type TusOptions } from './tus.js';

export interface UploadsOptions extends TusOptions {
  /** Bytes of one request: what a proxy that gathers requests may lose. Default: 16 MiB. */
  readonly pieceSize?: number;
}

export interface UploadOptions {
  /** What was reported last, if this was begun before. */
  readonly progress?: UploadProgress | null;
  /** Called often. From `location` on an upload can go on after a reload; `id` stands in the last one. */
  readonly onProgress: (progress: UploadProgress) => void;
  /** Ends the upload, and removes it from the server; with the reason `KEEP` it can go on later. */
  readonly signal: AbortSignal;
}

export interface Uploads {
  /**
   * Resolves with the id to send. Rejects with a DuologueError: CANCELLED; as the server refused the file, which is final; or, after
   * some tries without a byte of progress, with what may pass: then the same again goes on from the progress reported last.
   */
  readonly upload: (file: DraftFile, options: UploadOptions) => Promise<Id>;
}

/** The reason for `abort` when the upload is to go on later, here or in another tab. */
export const KEEP = 'keep';

const PIECE = 16 * 2 ** 20;
const TRIES = 5;
/** Milliseconds. */
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 20_000;
/** Seconds: for longer than that nobody waits here. */
const LONGEST_PUT_OFF = 60;

export function createUploads(options: UploadsOptions): Uploads {
  const tus = createTus(options);
  return {
    upload: async (file, given) => {
      if (given.progress?.id !== undefined) return given.progress.id;
      const run = new Run(file, given, { ...options, tus });
      try {
        return await run.goOn();
      } catch (error) {
        if (given.signal.aborted && given.signal.reason !== KEEP) run.remove();
        throw error;
      }
    },
  };
}

/** One upload under way. */
class Run {
  private location: string | undefined;
  /** Undefined: the server has to be asked. */
  private offset: number | undefined;
  private farthest = 0;
  private tries = 0;
  private readonly file: DraftFile;
  private readonly given: UploadOptions;
  private readonly means: UploadsOptions & { readonly tus: Tus };

  constructor(file: DraftFile, given: UploadOptions, means: UploadsOptions & { readonly tus: Tus }) {
    this.file = file;
    this.given = given;
    this.means = means;
    this.location = given.progress?.location;
  }

  async goOn(): Promise<Id> {
    try {
      if (this.given.signal.aborted) throw failureOf(undefined, this.given.signal);
      const location = this.location ?? (await this.begin());
      this.offset ??= await this.means.tus.standing(location, this.given.signal);
      await this.sendFrom(location, this.offset);
      const id = idOf(location);
      this.report(this.size, id);
      return id;
    } catch (error) {
      await this.recover(error);
      return await this.goOn();
    }
  }

  /** Leaves nothing on the server; if that fails, it goes by itself after a day. */
  remove(): void {
    if (this.location !== undefined) this.means.tus.end(this.location).catch(() => undefined);
  }

  private get size(): number {
    return this.file.blob.size;
  }

  /** Is not cut off half-way: only who knows the location can remove it again. */
  private async begin(): Promise<string> {
    const begun = this.means.tus.begin(this.file);
    this.location = await unlessAborted(begun, this.given.signal, (location) => {
      this.means.tus.end(location).catch(() => undefined);
    });
    this.offset = 0;
    this.report(0);
    return this.location;
  }

  private async sendFrom(location: string, offset: number): Promise<void> {
    this.advanced(offset);
    if (offset >= this.size) return;
    const body = this.file.blob.slice(offset, offset + (this.means.pieceSize ?? PIECE));
    const onProgress = (sent: number): void => this.report(Math.min(offset + sent, this.size));
    this.offset = undefined;
    this.offset = await this.means.tus.append(location, { offset, body, onProgress, signal: this.given.signal });
    await this.sendFrom(location, this.offset);
  }

  private advanced(offset: number): void {
    if (offset > this.farthest) this.tries = 0;
    this.farthest = Math.max(this.farthest, offset);
    this.report(offset);
  }

  private report(sent: number, id?: Id): void {
    const { location } = this;
    const known = { ...(id === undefined ? {} : { id }), ...(location === undefined ? {} : { location }) };
    this.given.onProgress({ sent, size: this.size, ...known });
  }

  /** Returns when it is time to go on; throws when that is of no use. */
  private async recover(error: unknown): Promise<void> {
    this.tries += 1;
    if (!(error instanceof DuologueError) || this.tries > TRIES || this.given.signal.aborted) throw error;
    this.offset = undefined;
    const { status } = error;
    if ((status === 404 || status === 410) && this.location !== undefined) {
      this.location = undefined; // it expired, or was refused before: anew
      this.farthest = 0;
      this.report(0);
      return;
    }
    if (status === 409 || status === 460) return;
    await this.waitOut(error);
  }

  private async waitOut(error: DuologueError): Promise<void> {
    const { platform } = this.means;
    const { signal } = this.given;
    const { retryAfter } = error;
    if (!error.isRetryable || (retryAfter !== undefined && retryAfter > LONGEST_PUT_OFF)) throw error;
    if (retryAfter !== undefined) await pause(platform.timers, retryAfter * 1000, signal);
    else await pauseUnlessBack(platform, platform.random() * delayOf(this.tries), signal);
  }
}

function delayOf(tries: number): number {
  return Math.min(FIRST_DELAY * 2 ** (tries - 1), LONGEST_DELAY);
}

/** Ends early when the network comes back. */
async function pauseUnlessBack(
  { timers, network }: { readonly timers: Timers; readonly network: Network },
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  const stopHearing = network.subscribe((event) => {
    if (event === 'online') end();
  });
  signal.addEventListener('abort', end);
  await pause(timers, ms, over.signal).catch(() => undefined);
  signal.removeEventListener('abort', end);
  stopHearing();
}

/** Its result; when the signal comes first, CANCELLED, and `late` gets the result. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, late: (result: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      work.then(late, () => undefined);
      reject(failureOf(undefined, signal));
    };
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** One request and its answer, in time. */

import { DuologueError } from '../errors.js';
import type { Platform, Timers, TransferAnswer } from '../ports.js';

/** Milliseconds after which nobody waits for an answer any more. */
export const PATIENCE = 30_000;

export interface ExchangeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. Default: `PATIENCE`. */
  readonly patience?: number;
}

/**
 * Rejects with NETWORK when nothing came back in time, with CANCELLED when the caller gave up, with REDIRECTED when the answer is to
 * be had elsewhere: what fetch sends on it sends whole, passwords and all.
 */
export function exchange(
  platform: Pick<Platform, 'fetch' | 'timers'>,
  request: ExchangeRequest,
): Promise<TransferAnswer> {
  const { method, url, headers, body = null } = request;
  return inTime(platform.timers, request, async (signal) => {
    const response = await platform.fetch(url, { method, headers, body, signal, redirect: 'manual' });
    if (isRedirect(response)) throw new DuologueError('REDIRECTED', "The server's address sends on to another");
    const text = await response.text();
    return { status: response.status, header: (name) => response.headers.get(name), text };
  });
}

/** Of one a browser tells its type alone, other platforms its status alone. */
function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || (status >= 300 && status < 400);
}

async function inTime<T>(
  timers: Timers,
  { signal, patience = PATIENCE }: Pick<ExchangeRequest, 'signal' | 'patience'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const abort = (): void => either.abort();
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort);
  const callOff = timers.after(patience, abort);
  try {
    return await work(either.signal);
  } catch (error) {
    throw failureOf(error, signal);
  } finally {
    callOff();
    signal?.removeEventListener('abort', abort);
  }
}

/** What a request that brought no answer rejects with. */
export function failureOf(error: unknown, signal: AbortSignal | undefined): DuologueError {
  if (signal?.aborted === true) return new DuologueError('CANCELLED', 'Cancelled');
  if (error instanceof DuologueError) return error;
  return new DuologueError('NETWORK', 'The server cannot be reached');
}

/** Resolves after so many milliseconds, or rejects with CANCELLED. */
export function pause(timers: Timers, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      callOff();
      reject(failureOf(undefined, signal));
    };
    const callOff = timers.after(ms, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

/** How an entry changes: queued -> sending -> gone, or queued again, or failed. Pure. */

import { DuologueError } from '../errors.js';
import type { Draft, Pending, UploadProgress } from '../model.js';
import type { Id } from '../wire.js';

/** Nothing is known to be wrong with these but the moment. */
const LATER = new Set(['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED', 'UNAUTHORIZED', 'CANCELLED']);
/** A fault of the server's may pass, but one that this message causes does not. */
const FAULTS = 5;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
/** Refusals that may be about a file which the server does not hold any more. */
const OF_FILES = new Set(['NOT_FOUND', 'VALIDATION_ERROR', 'CONFLICT']);

export interface Moment {
  readonly now: number;
  /** 0 <= x < 1. */
  readonly random: number;
}

export function queuedEntry(key: Id, draft: Draft, createdAt: number): Pending {
  const uploads = (draft.files ?? []).map(({ blob }) => ({ sent: 0, size: blob.size }));
  return { key, draft, state: 'queued', createdAt, attempts: 0, uploads };
}

export function started(entry: Pending): Pending {
  return { ...waitless(entry), state: 'sending', attempts: entry.attempts + 1 };
}

/** It left nobody knows how far: the same key makes it safe to send again. */
export function requeued(entry: Pending): Pending {
  return entry.state === 'sending' ? { ...entry, state: 'queued' } : entry;
}

/** By hand: at once, and as if for the first time. */
export function retried(entry: Pending): Pending {
  if (entry.state === 'sending') return entry;
  const isOfFiles = entry.error !== undefined && OF_FILES.has(entry.error.code);
  const uploads = isOfFiles ? entry.uploads.map(({ size }) => ({ sent: 0, size })) : entry.uploads;
  return { ...waitless(entry), state: 'queued', attempts: 0, uploads };
}

/** The connection is back: no use in waiting, but for what the server asked. */
export function revived(entry: Pending): Pending {
  const isWaiting = entry.notBefore !== undefined && entry.error?.code !== 'RATE_LIMITED';
  return isWaiting ? waitless(entry) : entry;
}

/** What becomes of it after a refusal, or after no answer. */
export function refused(entry: Pending, error: unknown, moment: Moment): Pending {
  const { notBefore: _, ...rest } = entry;
  const reason = reasonOf(error);
  if (!isForLater(reason, entry.attempts)) return { ...rest, state: 'failed', error: reason };
  return {
    ...rest,
    state: 'queued',
    error: reason,
    notBefore: moment.now + wait(error, entry.attempts, moment.random),
  };
}

export function uploaded(entry: Pending, index: number, progress: UploadProgress): Pending {
  return { ...entry, uploads: entry.uploads.with(index, progress) };
}

function waitless(entry: Pending): Pending {
  const { notBefore: _, error: __, ...rest } = entry;
  return rest;
}

function isForLater({ code, retryable }: NonNullable<Pending['error']>, attempts: number): boolean {
  if (code === 'BAD_ANSWER') return retryable; // a proxy's: of some kinds it refuses the same for ever
  return LATER.has(code) || (code === 'INTERNAL_ERROR' && attempts < FAULTS);
}

/** Milliseconds: as long as the server says, else full jitter, so that not all come back at once. */
function wait(error: unknown, attempts: number, random: number): number {
  const asked = error instanceof DuologueError ? error.retryAfter : undefined;
  if (asked !== undefined) return (asked + random / 4) * 1000;
  return random * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempts);
}

function reasonOf(error: unknown): NonNullable<Pending['error']> {
  if (!(error instanceof DuologueError)) return { code: 'INTERNAL_ERROR', message: 'Not sent', retryable: true };
  const { code, message, isRetryable } = error;
  return { code, message, retryable: isRetryable || OF_FILES.has(code) || code === 'STORAGE_FULL' };
}

/** Facts without a socket: long polling, for as long as sockets do not open. */

import { DuologueError } from '../errors.js';
import type { Platform } from '../ports.js';
import { pause } from '../rest/exchange.js';
import type { EventList, EventReset } from '../wire.js';
import { backoff } from './backoff.js';
import type { StopReason } from './close-codes.js';
import type { Stream } from './stream.js';

/** Seconds that the server may hold an answer. */
const WAIT = 25;
const PAUSE = 1000;

export interface PollingEvents {
  /** After each answer. */
  readonly polled: () => void;
  /** HTTP does not work either. Polling has ended. */
  readonly failed: () => void;
  /** It never will. Polling has ended. */
  readonly refused: (reason: StopReason) => void;
}

/** Polls until `signal` aborts, or it fails. */
export async function poll(
  platform: Pick<Platform, 'timers' | 'random'>,
  stream: Stream,
  events: PollingEvents,
  signal: AbortSignal,
): Promise<void> {
  let wait = 0; // the first answer at once: it tells whether HTTP works
  while (!signal.aborted) {
    const began = platform.timers.now();
    try {
      // biome-ignore lint/performance/noAwaitInLoops: one poll at a time is what long polling is
      const page = await stream.poll({ wait, signal });
      if (signal.aborted) return;
      events.polled();
      // Somebody in between may answer at once what the server would hold.
      if (isEmpty(page) && wait > 0 && platform.timers.now() - began < PAUSE) await rest(platform, PAUSE, signal);
      wait = WAIT;
    } catch (error) {
      if (signal.aborted) return;
      const ms = delay(error, platform.random());
      if (ms === null) return judge(error, events);
      await rest(platform, ms, signal);
    }
  }
}

function isEmpty(page: EventList | EventReset): boolean {
  return 'events' in page && page.events.length === 0;
}

/** Milliseconds until the same again; null: not by polling. */
function delay(error: unknown, random: number): number | null {
  if (!(error instanceof DuologueError) || error.code !== 'RATE_LIMITED') return null;
  return (error.retryAfter ?? 1) * 1000 + backoff(1, random);
}

function judge(error: unknown, events: PollingEvents): void {
  const code = error instanceof DuologueError ? error.code : null;
  if (code === 'UNAUTHORIZED') events.refused('invalid_token');
  else if (code === 'FORBIDDEN') events.refused('deactivated');
  else events.failed();
}

/** Resolves too when `signal` aborts: who polls looks at that. */
function rest({ timers }: Pick<Platform, 'timers'>, ms: number, signal: AbortSignal): Promise<void> {
  return pause(timers, ms, signal).catch(() => undefined);
}

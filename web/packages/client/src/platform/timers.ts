import type { Timers } from '../ports.js';
import type { Unsubscribe } from '../store.js';

const LONGEST = 2 ** 31 - 1; // milliseconds; setTimeout takes a longer one for none

/** The platform's own. */
export function realTimers(): Timers {
  return {
    now: () => Date.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, Math.min(ms, LONGEST));
      return () => clearTimeout(timer);
    },
  };
}

export interface ManualTimers extends Timers {
  /**
   * Lets `ms` pass: fires what is due, in order. After each timer everything that waits for promises gets its turn, so that
   * timers which are set meanwhile fire too when they are due.
   */
  readonly advance: (ms: number) => Promise<void>;
}

interface Waiting {
  readonly at: number;
  readonly callback: () => void;
}

/** Timers driven by hand. `start`: milliseconds since the epoch. */
export function manualTimers(start: number): ManualTimers {
  const waiting = new Set<Waiting>();
  let now = start;
  const after = (ms: number, callback: () => void): Unsubscribe => {
    const entry = { at: now + Math.max(0, ms), callback };
    waiting.add(entry);
    return () => {
      waiting.delete(entry);
    };
  };
  const advanceTo = async (end: number): Promise<void> => {
    await turn();
    const next = earliest(waiting, end);
    if (next === undefined) {
      now = end;
      return;
    }
    waiting.delete(next);
    now = Math.max(now, next.at);
    next.callback();
    await advanceTo(end);
  };
  const advance = (ms: number): Promise<void> => advanceTo(now + ms);
  return { now: () => now, after, advance };
}

/** The first that is due by `end`; of two at once the one that was set first. */
function earliest(waiting: ReadonlySet<Waiting>, end: number): Waiting | undefined {
  let found: Waiting | undefined;
  for (const entry of waiting) {
    if (entry.at <= end && (found === undefined || entry.at < found.at)) found = entry;
  }
  return found;
}

/** Lets everything that waits for promises go as far as it can. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

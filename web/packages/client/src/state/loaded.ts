/** A value that the server knows: asked for, and from then on told by facts. */

import { DuologueError } from '../errors.js';
import type { Timers } from '../ports.js';
import { createStore, type Readable, type Unsubscribe } from '../store.js';

const AGAIN_AFTER = 5000;

export interface Loaded<T> {
  readonly store: Readable<T | null>;
  /** A fact says what it is: newer than what was asked for before. */
  readonly set: (value: T) => void;
  /** Asks, and asks again until there is an answer or a refusal. */
  readonly load: () => void;
  readonly stop: () => void;
  readonly clear: () => void;
}

export function createLoaded<T>(ask: () => Promise<T>, timers: Timers): Loaded<T> {
  const store = createStore<T | null>(null);
  let asked = 0;
  let stopTimer: Unsubscribe = () => undefined;
  const stop = (): void => {
    asked += 1;
    stopTimer();
  };
  const set = (value: T): void => {
    stop();
    store.set(value);
  };
  const load = (): void => {
    stop();
    const turn = asked;
    ask().then(
      (value) => {
        if (turn === asked) set(value);
      },
      (error: unknown) => {
        const mayPass = error instanceof DuologueError && error.isRetryable;
        if (turn === asked && mayPass) stopTimer = timers.after(AGAIN_AFTER, load);
      },
    );
  };
  const clear = (): void => {
    stop();
    store.set(null);
  };
  return { store, set, load, stop, clear };
}

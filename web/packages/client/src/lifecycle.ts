/** When things begin and end. */

import type { Connection } from './connection.js';
import type { Unsubscribe } from './store.js';

export interface Counted {
  /** The first begins it; the last that is called off ends it. */
  readonly start: () => Unsubscribe;
  /** Ends it whoever counts on it. */
  readonly end: () => void;
}

export function counted(begin: () => Unsubscribe): Counted {
  let holders = new Set<symbol>();
  let stop: Unsubscribe = () => undefined;
  const end = (): void => {
    if (holders.size === 0) return;
    holders = new Set();
    stop();
  };
  const start = (): Unsubscribe => {
    const holder = Symbol('holder');
    if (holders.size === 0) stop = begin();
    holders.add(holder);
    return () => {
      if (holders.size === 1 && holders.has(holder)) end();
      else holders.delete(holder);
    };
  };
  return { start, end };
}

/** Calls once it is known from where on facts come in: now, or with the first connection. */
export function whenKnown({ cursor }: Pick<Connection, 'cursor'>, callback: (position: number) => void): Unsubscribe {
  return once(cursor.subscribe, () => {
    const known = cursor.get();
    if (known !== null) callback(known.position);
    return known !== null;
  });
}

/** Calls once everything that happens comes in. */
export function whenOpen({ status }: Pick<Connection, 'status'>, callback: () => void): Unsubscribe {
  return once(status.subscribe, () => {
    const { state } = status.get();
    const isOpen = state === 'online' || state === 'polling';
    if (isOpen) callback();
    return isOpen;
  });
}

/** Tries now and at each change, until it says that it is done. */
function once(subscribe: (listener: () => void) => Unsubscribe, attempt: () => boolean): Unsubscribe {
  if (attempt()) return () => undefined;
  const stop = subscribe(() => {
    if (attempt()) stop();
  });
  return stop;
}

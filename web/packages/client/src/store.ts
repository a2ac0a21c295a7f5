/** A value that changes, and those who want to know. Fits React's useSyncExternalStore as it is. */

export type Unsubscribe = () => void;

export interface Readable<T> {
  /** The value now; the same object until it changes. */
  readonly get: () => T;
  /** Calls back after each change, until unsubscribed. */
  readonly subscribe: (listener: () => void) => Unsubscribe;
}

export interface Store<T> extends Readable<T> {
  /** A new value; the same one again tells nobody. */
  readonly set: (value: T) => void;
  readonly update: (change: (value: T) => T) => void;
}

/** A listener that throws keeps nobody else from hearing, nor the one that sets from going on: its error shows unhandled. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  const set = (next: T): void => {
    if (Object.is(next, value)) return;
    value = next;
    for (const listener of [...listeners]) tell(listener);
  };
  return {
    get: () => value,
    set,
    update: (change) => set(change(value)),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

function tell(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    Promise.reject(error);
  }
}

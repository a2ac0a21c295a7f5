import type { Readable } from '@duologue/client';
import { useSyncExternalStore } from 'react';

/** A store of the client. With `select`, rerenders when that part changes alone; it must answer the same object for the same value. */
export function useStore<T>(store: Readable<T>): T;
export function useStore<T, S>(store: Readable<T>, select: (value: T) => S): S;
export function useStore<T, S>(store: Readable<T>, select?: (value: T) => S): T | S {
  const get = (): T | S => (select === undefined ? store.get() : select(store.get()));
  return useSyncExternalStore(store.subscribe, get, get);
}

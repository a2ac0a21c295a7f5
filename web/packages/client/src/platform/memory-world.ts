/** What tabs of one browser share, in memory: storage, channels, locks. */

import type { Channel, Locks, Storage, Table } from '../ports.js';

type Tables = Map<Table, Map<string, unknown>>;
type Listeners = Set<(message: unknown) => void>;

export interface World {
  readonly storage: (name: string) => Storage;
  readonly channel: (name: string) => Channel;
  readonly locks: Locks;
}

/** Platforms made in one world are as tabs of one browser. */
export function createWorld(): World {
  const stores = new Map<string, Tables>();
  return {
    storage: (name) => memoryStorage(remembered(stores, name, () => new Map())),
    channel: createChannels(),
    locks: createLocks(),
  };
}

/** Storage in a Map; values are copied, as a database does. */
export function memoryStorage(tables: Tables = new Map()): Storage {
  const table = (name: Table): Map<string, unknown> => remembered(tables, name, () => new Map());
  return {
    get: (name, key) => soon(() => structuredClone(table(name).get(key))),
    all: (name) => soon(() => structuredClone(inOrder(table(name)))),
    put: (name, key, value) =>
      soon(() => {
        table(name).set(key, structuredClone(value));
      }),
    delete: (name, key) =>
      soon(() => {
        table(name).delete(key);
      }),
    clear: () => soon(() => tables.clear()),
  };
}

function inOrder(table: ReadonlyMap<string, unknown>): unknown[] {
  return [...table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

/** Its result, or its error, later. */
function soon<T>(work: () => T): Promise<T> {
  return Promise.resolve().then(work);
}

function createChannels(): (name: string) => Channel {
  const rooms = new Map<string, Set<Listeners>>();
  return (name) => {
    const room = remembered(rooms, name, () => new Set<Listeners>());
    const own: Listeners = new Set();
    room.add(own);
    return {
      post: (message) => {
        if (!room.has(own)) return;
        for (const other of room) if (other !== own) deliver(other, structuredClone(message));
      },
      subscribe: (listener) => {
        own.add(listener);
        return () => {
          own.delete(listener);
        };
      },
      close: () => {
        room.delete(own);
        own.clear();
      },
    };
  };
}

/** Later, as between tabs: a post returns before anybody hears it. */
function deliver(listeners: Listeners, message: unknown): void {
  Promise.resolve().then(() => {
    for (const listener of [...listeners]) listener(message);
  });
}

function createLocks(): Locks {
  const queues = new Map<string, (() => void)[]>();
  const hold: Locks['hold'] = (name, signal, held) => {
    if (signal.aborted) return;
    const queue = remembered(queues, name, () => []);
    const leave = (): void => {
      const place = queue.indexOf(held);
      if (place >= 0) queue.splice(place, 1);
      if (place === 0) grant(queue);
    };
    signal.addEventListener('abort', leave, { once: true });
    queue.push(held);
    if (queue.length === 1) grant(queue);
  };
  return { hold };
}

/** To the first in the queue, unless it has left by then. */
function grant(queue: readonly (() => void)[]): void {
  const [held] = queue;
  Promise.resolve().then(() => {
    if (held !== undefined && queue[0] === held) held();
  });
}

function remembered<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

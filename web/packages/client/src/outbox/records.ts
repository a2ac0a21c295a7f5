/** Entries as storage keeps them: what was written, blobs and all, once; and beside it how far it is, which changes often. */

import type { Pending } from '../model.js';
import type { Storage } from '../ports.js';
import type { Id } from '../wire.js';
import { orderOf } from './queue.js';

/** What changes of an entry. */
export type Progress = Pick<Pending, 'state' | 'attempts' | 'uploads' | 'notBefore' | 'error'>;

type Stored =
  | { readonly kind: 'entry'; readonly entry: Pending }
  | { readonly kind: 'progress'; readonly key: Id; readonly progress: Progress };

export interface Records {
  readonly load: () => Promise<Pending[]>;
  readonly put: (entry: Pending) => Promise<void>;
  readonly progress: (entry: Pending) => Promise<void>;
  readonly delete: (entry: Pending) => Promise<void>;
  /** When all that was asked for is done. */
  readonly idle: () => Promise<void>;
}

export function createRecords(storage: Storage): Records {
  const inTurn = oneByOne();
  const save = (key: string, value: Stored): Promise<void> => inTurn(() => storage.put('outbox', key, value));
  return {
    load: async () => joined((await inTurn(() => storage.all('outbox'))).filter(isStored)),
    put: (entry) => save(entryKey(orderOf(entry)), { kind: 'entry', entry }),
    progress: (entry) =>
      save(progressKey(entry.key), { kind: 'progress', key: entry.key, progress: progressOf(entry) }),
    delete: (entry) =>
      inTurn(async () => {
        await storage.delete('outbox', entryKey(orderOf(entry)));
        await storage.delete('outbox', progressKey(entry.key));
      }),
    idle: () => inTurn(async () => undefined),
  };
}

export function progressOf(entry: Pending): Progress {
  const { state, attempts, uploads, notBefore, error } = entry;
  return {
    state,
    attempts,
    uploads,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(error === undefined ? {} : { error }),
  };
}

/** The entry as far as `progress` says. */
export function withProgress(entry: Pending, progress: Progress): Pending {
  const { key, draft, createdAt } = entry;
  return { key, draft, createdAt, ...progress };
}

function joined(stored: readonly Stored[]): Pending[] {
  const progress = new Map(
    stored.flatMap((one) => (one.kind === 'progress' ? [[one.key, one.progress] as const] : [])),
  );
  return stored.flatMap((one) => {
    if (one.kind !== 'entry') return [];
    const found = progress.get(one.entry.key);
    return found === undefined ? one.entry : withProgress(one.entry, found);
  });
}

const entryKey = (order: string): string => `entry:${order}`;
const progressKey = (key: Id): string => `progress:${key}`;

/** Storage holds what this module wrote; of another version's it takes nothing. */
function isStored(value: unknown): value is Stored {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'entry' || value.kind === 'progress')
  );
}

/** Work in the order in which it was asked for: a deletion must not be overtaken by what was written before it. */
function oneByOne(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result.catch(() => undefined);
    return result;
  };
}

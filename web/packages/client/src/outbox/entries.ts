/** The entries as this tab shows them, kept the same in storage and in the other tabs. */

import type { Pending } from '../model.js';
import { createStore } from '../store.js';
import type { Id } from '../wire.js';
import type { OutboxNote } from './notes.js';
import { changed, inserted, type Queue, removed } from './queue.js';
import { RecentKeys } from './recent-keys.js';
import { progressOf, type Records, withProgress } from './records.js';

export class Entries {
  readonly store = createStore<Queue>([]);
  readonly #records: Records;
  readonly #post: (note: OutboxNote) => void;
  /** Taken out: what is still read from storage of them is old. */
  readonly #gone = new RecentKeys();
  #loading: Promise<void> | null = null;

  constructor(records: Records, post: (note: OutboxNote) => void) {
    this.#records = records;
    this.#post = post;
  }

  get(key: Id): Pending | undefined {
    return this.store.get().find((entry) => entry.key === key);
  }

  /** What storage holds, once. */
  load(): Promise<void> {
    this.#loading ??= this.#records.load().then((entries) => {
      for (const entry of entries) this.insert(entry);
    });
    return this.#loading;
  }

  /** Shown at once, kept a little later: resolves then. Without room in storage it is taken out again. */
  async add(entry: Pending): Promise<void> {
    this.insert(entry);
    try {
      await this.#records.put(entry);
    } catch (error) {
      this.#forget(entry.key);
      throw error;
    }
    if (this.#gone.has(entry.key)) await this.#records.delete(entry);
    else this.#post({ outbox: 'added', entry });
  }

  /** Shown here; `keep`: in storage and in the other tabs too. */
  async change(key: Id, change: (entry: Pending) => Pending, keep = true): Promise<void> {
    const before = this.store.get();
    this.store.update((queue) => changed(queue, key, change));
    const entry = this.get(key);
    if (!keep || entry === undefined || before === this.store.get()) return;
    this.#post({ outbox: 'progress', key, progress: progressOf(entry) });
    await this.#records.progress(entry);
  }

  /** Out of sight here. */
  remove(key: Id): void {
    this.#forget(key);
  }

  /** Out of storage; the other tabs hear of it. */
  async delete(entry: Pending, isSent: boolean): Promise<void> {
    this.#post({ outbox: 'removed', key: entry.key, isSent });
    await this.#records.delete(entry);
  }

  /** Another tab added one. */
  insert(entry: Pending): void {
    if (!this.#gone.has(entry.key)) this.store.update((queue) => inserted(queue, entry));
  }

  /** Another tab got on with one. */
  follow(key: Id, progress: Parameters<typeof withProgress>[1]): void {
    this.store.update((queue) => changed(queue, key, (entry) => withProgress(entry, progress)));
  }

  /** Forgets all that is shown. Resolves when nothing is being written any more. */
  async clear(): Promise<void> {
    this.#loading = null;
    for (const { key } of this.store.get()) this.#gone.add(key);
    this.store.set([]);
    await this.#records.idle();
  }

  #forget(key: Id): void {
    this.#gone.add(key);
    this.store.update((queue) => removed(queue, key));
  }
}

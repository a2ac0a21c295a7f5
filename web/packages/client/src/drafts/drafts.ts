/** What was written and not sent, by conversation: kept in storage, the same in all tabs. */

import type { Drafts } from '../client.js';
import type { Platform, Storage } from '../ports.js';
import { createStore, type Unsubscribe } from '../store.js';
import type { Id } from '../wire.js';

/** Milliseconds from the last key to the write. */
const SETTLES = 300;

type Texts = ReadonlyMap<Id, string>;

export interface DraftNote {
  readonly draft: Id;
  readonly text: string;
}

export interface DraftsOptions {
  readonly platform: Pick<Platform, 'timers' | 'network'>;
  readonly storage: Storage;
  /** To the other tabs. */
  readonly post: (note: DraftNote) => void;
}

interface Waiting {
  readonly cancel: Unsubscribe;
  /** Who waits for the write. */
  readonly settled: PromiseWithResolvers<void>;
}

export function isDraftNote(note: unknown): note is DraftNote {
  return typeof note === 'object' && note !== null && 'draft' in note && 'text' in note;
}

export class DraftBook implements Drafts {
  readonly all = createStore<Texts>(new Map());
  readonly #options: DraftsOptions;
  readonly #waiting = new Map<Id, Waiting>();
  /** Written here since storage was read: newer than what it says. */
  readonly #touched = new Set<Id>();
  #loading: Promise<void> | null = null;
  #stopHearing: Unsubscribe = () => undefined;

  constructor(options: DraftsOptions) {
    this.#options = options;
  }

  start(): void {
    // A page that is hidden may never be shown again.
    this.#stopHearing = this.#options.platform.network.subscribe((event) => {
      if (event === 'hidden') this.#flushAll();
    });
    this.#load().catch(() => undefined);
  }

  stop(): void {
    this.#stopHearing();
    this.#flushAll();
  }

  async get(conversationId: Id): Promise<string> {
    await this.#load();
    return this.all.get().get(conversationId) ?? '';
  }

  /** Shown at once; resolves when it is kept. */
  set(conversationId: Id, text: string): Promise<void> {
    this.#show(conversationId, text);
    const before = this.#waiting.get(conversationId);
    before?.cancel();
    const settled = before?.settled ?? withResolvers();
    const cancel = this.#options.platform.timers.after(SETTLES, () => this.#flush(conversationId));
    this.#waiting.set(conversationId, { cancel, settled });
    // What was sent must not come back as a draft when the page is reloaded in the next moment.
    if (text === '') this.#flush(conversationId);
    return settled.promise;
  }

  hear({ draft, text }: DraftNote): void {
    if (!this.#waiting.has(draft)) this.#show(draft, text);
  }

  /** Forgets all of it; what waits to be written is not. */
  clear(): void {
    for (const { cancel, settled } of this.#waiting.values()) {
      cancel();
      settled.resolve();
    }
    this.#waiting.clear();
    this.#touched.clear();
    this.#loading = null;
    this.all.set(new Map());
  }

  #load(): Promise<void> {
    this.#loading ??= this.#options.storage.all('drafts').then((stored) => {
      for (const { draft, text } of stored.filter(isDraftNote)) {
        if (!this.#touched.has(draft)) this.#show(draft, text);
      }
    });
    return this.#loading;
  }

  #show(id: Id, text: string): void {
    this.#touched.add(id);
    this.all.update((texts) => {
      if ((texts.get(id) ?? '') === text) return texts;
      const rest = [...texts].filter(([other]) => other !== id);
      return new Map(text === '' ? rest : [...rest, [id, text]]);
    });
  }

  #flushAll(): void {
    for (const id of [...this.#waiting.keys()]) this.#flush(id);
  }

  #flush(id: Id): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.cancel();
    const text = this.all.get().get(id) ?? '';
    this.#options.post({ draft: id, text });
    this.#write({ draft: id, text }).then(waiting.settled.resolve, waiting.settled.reject);
  }

  #write(note: DraftNote): Promise<void> {
    const { storage } = this.#options;
    return note.text === '' ? storage.delete('drafts', note.draft) : storage.put('drafts', note.draft, note);
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

function withResolvers(): PromiseWithResolvers<void> {
  let resolve: (value: undefined) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve: () => resolve(undefined), reject };
}

/** Sends that the server has: shown as pending until their facts come, so that nothing flickers. */

import type { Pending } from '../model.js';
import type { Timers } from '../ports.js';
import type { Frame, Id } from '../wire.js';
import type { Entries } from './entries.js';

/** Milliseconds; a fact that does not come in that time was missed. */
const LINGERS = 5000;

export interface ConfirmedOptions {
  readonly user: Id;
  readonly timers: Timers;
  /** Whether this tab was already given the fact of a send. */
  readonly hasSend: (key: Id) => boolean;
}

export class Confirmed {
  readonly #options: ConfirmedOptions;
  readonly #entries: Entries;
  readonly #keys = new Set<Id>();

  constructor(options: ConfirmedOptions, entries: Entries) {
    this.#options = options;
    this.#entries = entries;
  }

  /** Those whose facts are on the way. */
  get keys(): ReadonlySet<Id> {
    return this.#keys;
  }

  /** The server said that it has it. */
  add(entry: Pending): void {
    if (this.#entries.get(entry.key) === undefined) return;
    this.#delete(entry);
    this.linger(entry.key);
  }

  /** Another tab said that the server has it. */
  linger(key: Id): void {
    if (this.#entries.get(key) === undefined) return;
    if (this.#options.hasSend(key)) {
      this.#entries.remove(key);
      return;
    }
    this.#keys.add(key);
    this.#options.timers.after(LINGERS, () => {
      if (this.#keys.delete(key)) this.#entries.remove(key);
    });
  }

  /** A frame that everybody else was given: the timeline has the message now. The key of its send, if one was shown. */
  saw(frame: Frame): Id | null {
    const key = this.#keyOf(frame);
    const entry = key === undefined ? undefined : this.#entries.get(key);
    if (entry === undefined) return null;
    this.#entries.remove(entry.key);
    if (!this.#keys.delete(entry.key)) this.#delete(entry);
    return entry.key;
  }

  forget(key: Id): void {
    this.#keys.delete(key);
  }

  clear(): void {
    this.#keys.clear();
  }

  #keyOf(frame: Frame): Id | undefined {
    if (!('position' in frame) || (frame.type !== 'message.new' && frame.type !== 'message.sent')) return undefined;
    const { senderId, tempId } = frame.payload.message;
    return senderId === this.#options.user ? tempId : undefined;
  }

  /** What storage cannot forget is sent again under its key after a reload, which changes nothing. */
  #delete(entry: Pending): void {
    this.#entries.delete(entry, true).catch(() => undefined);
  }
}

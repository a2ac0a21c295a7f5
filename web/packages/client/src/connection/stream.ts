/** The facts as this tab hands them on, wherever they come from: a socket, another tab, a page of the event list. */

import type { Cursor } from '../model.js';
import type { Rest } from '../rest/rest.js';
import { createStore, type Readable, type Store } from '../store.js';
import type { EventList, EventReset, Frame, FrameOf, ResumeReset } from '../wire.js';
import { EMPTY, moveTo, type Order, reset, type Step, take, takePage, trust } from './order.js';

/** `GET /events`. */
export type Events = Rest['events'];

const PAGE = 500;

export class Stream {
  readonly #events: Events;
  readonly #emit: (frame: Frame) => void;
  readonly #cursor: Store<Cursor | null> = createStore<Cursor | null>(null);
  #order: Order = EMPTY;
  #filling: Promise<void> | null = null;
  #lastReset: ResumeReset | null = null;
  /** Counts resets and stops: an answer that was asked for before one is stale. */
  #era = 0;

  constructor(events: Events, emit: (frame: Frame) => void) {
    this.#events = events;
    this.#emit = emit;
  }

  /** Everything up to here was handed on. */
  get cursor(): Readable<Cursor | null> {
    return this.#cursor;
  }

  /** A fact is held because one before it is missing. */
  get isBehind(): boolean {
    return this.#order.held.length > 0;
  }

  take(frame: Frame, previous?: number): void {
    this.#apply(take(this.#order, frame, previous));
  }

  /** Live begins after `cursor`. */
  begin(cursor: Cursor): void {
    this.#apply(moveTo(this.#order, cursor));
  }

  /** Nothing more comes from up to `position`. */
  trust(position: number): void {
    const { cursor } = this.#order;
    if (cursor !== null) this.#apply(trust(this.#order, { ...cursor, position }));
  }

  reset(frame: FrameOf<'resume.reset'>): void {
    const { position, epoch } = frame.payload;
    if (this.#lastReset?.position === position && this.#lastReset.epoch === epoch) return; // heard twice
    this.#lastReset = frame.payload;
    this.#era += 1;
    const step = reset(this.#order, { position, epoch });
    this.#apply({ order: step.order, frames: [frame, ...step.frames] });
  }

  /** One page after the cursor; without a cursor, where the log ends. */
  async poll(options: { readonly wait: number; readonly signal?: AbortSignal }): Promise<EventList | EventReset> {
    const era = this.#era;
    const { cursor } = this.#order;
    const since = cursor === null ? {} : { since: cursor.position, epoch: cursor.epoch };
    const { data } = await this.#events({ ...since, ...options, limit: PAGE });
    if (era !== this.#era) return data;
    if ('reset' in data) {
      const { reason, position, epoch } = data;
      this.reset({ type: 'resume.reset', payload: { position, epoch, reason } });
    } else this.#apply(takePage(this.#order, data));
    return data;
  }

  /** Catches up over HTTP, to the end of the log, a reset or an interruption. Rejects as `events` does. */
  async fill(): Promise<void> {
    this.#filling ??= this.#begun(this.#fill());
    await this.#filling;
  }

  /** Nobody listens any more: an answer that is still to come must not move the cursor past facts that nobody hears. */
  interrupt(): void {
    this.#era += 1;
    this.#filling = null;
  }

  #begun(work: Promise<void>): Promise<void> {
    const filling = work.finally(() => {
      if (this.#filling === filling) this.#filling = null;
    });
    return filling;
  }

  async #fill(): Promise<void> {
    const era = this.#era;
    let hasMore = this.#order.cursor !== null;
    while (hasMore && era === this.#era) {
      // biome-ignore lint/performance/noAwaitInLoops: a page begins where the one before it ended
      const page = await this.poll({ wait: 0 });
      hasMore = 'hasMore' in page && page.hasMore;
    }
  }

  #apply(step: Step): void {
    this.#order = step.order;
    for (const frame of step.frames) this.#emit(frame);
    this.#cursor.set(this.#order.cursor);
  }
}

/** Missing facts of an open socket: waits a little, asks the server to replay, and looks over HTTP for what the replay left out. */

import type { Cursor } from '../model.js';
import type { Timers } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import type { Stream } from './stream.js';

/** What is only late comes by itself. */
const PATIENCE = 200;
/** A replay that brings nothing on for so long brings nothing more. */
const SILENCE = 5000;
const ANSWER_WITHIN = 5000;

export interface GapsOptions {
  readonly timers: Timers;
  readonly stream: Stream;
  readonly resume: (from: Cursor) => void;
  readonly caughtUp: () => void;
}

/** Of one socket. */
export class Gaps {
  readonly #options: GapsOptions;
  #phase: 'live' | 'holding' | 'replaying' | 'filling' | 'over' = 'live';
  #stopTimer: Unsubscribe = () => undefined;

  constructor(options: GapsOptions) {
    this.#options = options;
  }

  /** Asks for a replay. */
  resume(): void {
    const cursor = this.#options.stream.cursor.get();
    if (cursor === null) return;
    this.replaying();
    this.#options.resume(cursor);
  }

  /** The server replays: it was asked to by `resume`, or by `since` of the URL. */
  replaying(): void {
    this.#enter('replaying', SILENCE, () => this.#fill());
  }

  /** A frame came, and was taken or held. */
  frame(): void {
    // What can only be held is no progress: it must not put off the look for what was lost on the way.
    if (this.#phase === 'replaying' && !this.#options.stream.isBehind) this.replaying();
    else if (this.#phase === 'holding' && !this.#options.stream.isBehind) this.#enter('live');
    else if (this.#phase === 'live' && this.#options.stream.isBehind) this.#hold();
  }

  /** The server sent everything up to `position` on this socket. */
  sent(position: number): void {
    if (this.#phase === 'live' && this.#place < position) this.#hold();
  }

  /** `resume.done`. A jump may be normal: facts that are not shown any more. Or what lies between was lost on the way here. */
  done(position: number): void {
    if (this.#phase !== 'replaying') return;
    if (this.#place < position) this.#fill(position);
    else this.#settle();
  }

  /** `resume.reset`, in place of a replay or by itself. */
  reset(): void {
    if (this.#phase === 'replaying') this.#settle();
  }

  end(): void {
    this.#enter('over');
  }

  get #place(): number {
    return this.#options.stream.cursor.get()?.position ?? 0;
  }

  #hold(): void {
    this.#enter('holding', PATIENCE, () => this.resume());
  }

  /** Where HTTP does not answer soon, the server's word must do: `promised` is what it said it has sent. */
  async #fill(promised?: number): Promise<void> {
    this.#enter('filling', ANSWER_WITHIN, () => this.#trust(promised));
    try {
      await this.#options.stream.fill();
      if (this.#phase === 'filling') this.#settle();
    } catch {
      if (this.#phase === 'filling') this.#trust(promised);
    }
  }

  #trust(promised: number | undefined): void {
    if (promised !== undefined) this.#options.stream.trust(promised);
    this.#settle();
  }

  #settle(): void {
    this.#enter('live');
    this.#options.caughtUp();
    this.frame();
  }

  #enter(phase: 'live' | 'holding' | 'replaying' | 'filling' | 'over', ms?: number, due?: () => void): void {
    this.#stopTimer();
    this.#stopTimer = () => undefined;
    this.#phase = phase;
    if (ms !== undefined && due !== undefined) this.#stopTimer = this.#options.timers.after(ms, due);
  }
}

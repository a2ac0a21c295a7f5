/** Commands that wait for their answer. */

import { DuologueError } from '../errors.js';
import type { Timers } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import type { Command, Frame, FrameOf } from '../wire.js';
import { answeredId } from './frames.js';

/** With more the server stops reading. */
const MOST = 32;
const ANSWER_WITHIN = 30_000;

/** A command as it is sent. */
export type Numbered = Command & { readonly id: string };

interface Ask {
  readonly command: Command;
  readonly done: (frame: Frame) => void;
  readonly fail: (error: DuologueError) => void;
  stopTimer: Unsubscribe;
}

export function lost(isLost: boolean): DuologueError {
  return new DuologueError('UNAVAILABLE', 'The connection is gone', { isLost });
}

export class Asks {
  readonly #timers: Timers;
  readonly #send: (command: Numbered) => void;
  readonly #sent = new Map<string, Ask>();
  readonly #refused = new Set<string>();
  #queue: Ask[] = [];
  #count = 0;

  constructor(timers: Timers, send: (command: Numbered) => void) {
    this.#timers = timers;
    this.#send = send;
  }

  /** Sends it when fewer than 32 are outstanding. */
  ask(command: Command): Promise<Frame> {
    return new Promise((done, fail) => {
      this.#queue.push({ command, done, fail, stopTimer: () => undefined });
      this.#next();
    });
  }

  /** Gives an answer to who waits for it; whether that was all there is to the frame. */
  settle(frame: Frame): boolean {
    const id = answeredId(frame);
    if (id === null) return false;
    const key = `${id}`;
    if (frame.type === 'message.error') return this.#refused.delete(key); // says again what `error` said
    const ask = this.#take(key);
    if (ask === undefined) return false;
    if (frame.type !== 'error') {
      ask.done(frame);
      return false;
    }
    if (ask.command.type === 'message.send') this.#refused.add(key);
    ask.fail(refusal(frame));
    return true;
  }

  /** No answer will come to this one; `id` as it was sent. */
  fail(id: string, error: DuologueError): void {
    this.#take(id)?.fail(error);
  }

  /** The connection is gone. */
  lose(): void {
    const waiting = this.#queue;
    this.#queue = [];
    for (const ask of waiting) ask.fail(lost(false));
    for (const id of [...this.#sent.keys()]) this.fail(id, lost(true));
    this.#refused.clear();
  }

  #next(): void {
    if (this.#sent.size >= MOST) return;
    const ask = this.#queue.shift();
    if (ask === undefined) return;
    this.#count += 1;
    const id = `${this.#count}`;
    ask.stopTimer = this.#timers.after(ANSWER_WITHIN, () => this.fail(id, lost(true)));
    this.#sent.set(id, ask);
    this.#send({ ...ask.command, id });
  }

  #take(id: string): Ask | undefined {
    const ask = this.#sent.get(id);
    if (ask === undefined) return undefined;
    this.#sent.delete(id);
    ask.stopTimer();
    this.#next();
    return ask;
  }
}

function refusal({ payload }: FrameOf<'error'>): DuologueError {
  const { code, message, details, retryAfter } = payload;
  return new DuologueError(code, message, {
    ...(details === undefined ? {} : { details }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

/** Commands that wait for their answer. */

import { DuologueError } from '../errors.js';
import type { Timers } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import type { Command, Frame, FrameOf } from '../wire.js';
import { answeredId } from './frames.js';

/** With more the server stops reading. */
const MOST = 32;
const ANSWER_WITHIN = 30_000;

export interface Asks {
  /** Sends it when fewer than 32 are outstanding. */
  readonly ask: (command: Command) => Promise<Frame>;
  /** Gives an answer to who waits for it; whether that was all there is to the frame. */
  readonly settle: (frame: Frame) => boolean;
  /** No answer will come to this one; `id` as it was sent. */
  readonly fail: (id: string, error: DuologueError) => void;
  /** The connection is gone. */
  readonly lose: () => void;
}

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

export function createAsks(timers: Timers, send: (command: Numbered) => void): Asks {
  const sent = new Map<string, Ask>();
  const refused = new Set<string>();
  let queue: Ask[] = [];
  let count = 0;

  const next = (): void => {
    if (sent.size >= MOST) return;
    const ask = queue.shift();
    if (ask === undefined) return;
    count += 1;
    const id = `${count}`;
    ask.stopTimer = timers.after(ANSWER_WITHIN, () => take(id)?.fail(lost(true)));
    sent.set(id, ask);
    send({ ...ask.command, id });
  };
  const take = (id: string): Ask | undefined => {
    const ask = sent.get(id);
    if (ask === undefined) return undefined;
    sent.delete(id);
    ask.stopTimer();
    next();
    return ask;
  };
  const settle = (frame: Frame): boolean => {
    const id = answeredId(frame);
    if (id === null) return false;
    const key = `${id}`;
    if (frame.type === 'message.error') return refused.delete(key); // says again what `error` said
    const ask = take(key);
    if (ask === undefined) return false;
    if (frame.type !== 'error') {
      ask.done(frame);
      return false;
    }
    if (ask.command.type === 'message.send') refused.add(key);
    ask.fail(refusal(frame));
    return true;
  };
  const lose = (): void => {
    const waiting = queue;
    queue = [];
    for (const ask of waiting) ask.fail(lost(false));
    for (const id of [...sent.keys()]) take(id)?.fail(lost(true));
    refused.clear();
  };
  const ask = (command: Command): Promise<Frame> =>
    new Promise((done, fail) => {
      queue.push({ command, done, fail, stopTimer: () => undefined });
      next();
    });
  return { ask, settle, lose, fail: (id, error) => take(id)?.fail(error) };
}

function refusal({ payload }: FrameOf<'error'>): DuologueError {
  const { code, message, details, retryAfter } = payload;
  return new DuologueError(code, message, {
    ...(details === undefined ? {} : { details }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

/** Where a partner types right now. */

import type { Timers } from '../ports.js';
import { createStore, type Readable, type Unsubscribe } from '../store.js';
import type { Frame, Id } from '../wire.js';

/** The server ends it after so long; a `typing.stop` that was lost must not leave it standing. */
const LASTS = 6000;

export interface TypingStore {
  readonly store: Readable<ReadonlySet<Id>>;
  readonly apply: (frame: Frame) => void;
  readonly clear: () => void;
}

/** `user`: whose devices these are; their own typing is not shown. */
export function createTyping(timers: Timers, user: Id): TypingStore {
  const store = createStore<ReadonlySet<Id>>(new Set());
  const ends = new Map<Id, Unsubscribe>();

  const stop = (id: Id): void => {
    ends.get(id)?.();
    if (ends.delete(id)) store.set(new Set(ends.keys()));
  };
  const start = (id: Id): void => {
    const isNew = !ends.has(id);
    ends.get(id)?.();
    ends.set(
      id,
      timers.after(LASTS, () => stop(id)),
    );
    if (isNew) store.set(new Set(ends.keys()));
  };
  const apply = (frame: Frame): void => {
    if (frame.type === 'typing.start' && frame.payload.userId !== user) start(frame.payload.conversationId);
    const ended = endedBy(frame, user);
    if (ended !== null) stop(ended);
  };
  const clear = (): void => {
    for (const id of [...ends.keys()]) stop(id);
  };
  return { store, apply, clear };
}

/** The conversation in which a frame says that the partner types no more: by itself, or by their message. */
function endedBy(frame: Frame, user: Id): Id | null {
  if (frame.type === 'typing.stop') return frame.payload.userId === user ? null : frame.payload.conversationId;
  if (frame.type !== 'message.new') return null;
  const { message } = frame.payload;
  return message.senderId === user ? null : message.conversationId;
}

/** Telling partners that this user types: not with every key, and not for ever. */

import type { Connection } from '../connection.js';
import type { Timers } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import type { Id } from '../wire.js';

/** At most one `typing.start` in this time; the server ends it after 6 s. */
const EVERY = 3000;
/** So long after the last key it is over. */
const SILENCE = 5000;

export interface TypingSender {
  readonly set: (conversationId: Id, isTyping: boolean) => void;
  /** A message was sent there, which ends it for the partner by itself. */
  readonly sent: (conversationId: Id) => void;
  readonly stop: () => void;
}

interface Typed {
  toldAt: number;
  cancel: Unsubscribe;
}

export function createTypingSender(tell: Connection['tell'], timers: Timers): TypingSender {
  const typing = new Map<Id, Typed>();

  const forget = (conversationId: Id): boolean => {
    typing.get(conversationId)?.cancel();
    return typing.delete(conversationId);
  };
  const end = (conversationId: Id): void => {
    if (forget(conversationId)) tell({ type: 'typing.stop', payload: { conversationId } });
  };
  const begin = (conversationId: Id): void => {
    const known = typing.get(conversationId) ?? { toldAt: Number.NEGATIVE_INFINITY, cancel: () => undefined };
    known.cancel();
    known.cancel = timers.after(SILENCE, () => end(conversationId));
    typing.set(conversationId, known);
    if (timers.now() - known.toldAt < EVERY) return;
    if (tell({ type: 'typing.start', payload: { conversationId } })) known.toldAt = timers.now();
  };
  return {
    set: (conversationId, isTyping) => (isTyping ? begin(conversationId) : end(conversationId)),
    sent: forget,
    stop: () => {
      for (const conversationId of [...typing.keys()]) end(conversationId);
    },
  };
}

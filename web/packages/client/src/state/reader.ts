/** Marking as read: one request at a time for a conversation, and of those that wait the newest. */

import type { Connection } from '../connection.js';
import type { Rest } from '../rest/rest.js';
import type { Id } from '../wire.js';

type Mark = (conversationId: Id, messageId?: Id) => Promise<void>;

interface Reading {
  readonly done: Promise<void>;
  /** What is asked for meanwhile, and who waits for it. */
  next: { messageId: Id | undefined; readonly done: Promise<void> } | null;
}

/** Over the socket if there is one. */
export function createReader(
  connection: Pick<Connection, 'ask' | 'status'>,
  markRead: Rest['conversations']['markRead'],
): Mark {
  return oneAtATime(async (conversationId, messageId) => {
    if (connection.status.get().state !== 'online') {
      await markRead(conversationId, messageId);
      return;
    }
    const payload = messageId === undefined ? { conversationId } : { conversationId, messageId };
    await connection.ask({ type: 'message.read', payload });
  });
}

function oneAtATime(mark: Mark): Mark {
  const readings = new Map<Id, Reading>();
  const begin = (conversationId: Id, messageId: Id | undefined): Promise<void> => {
    const done = mark(conversationId, messageId).finally(() => readings.delete(conversationId));
    readings.set(conversationId, { done, next: null });
    return done;
  };
  return (conversationId, messageId) => {
    const reading = readings.get(conversationId);
    if (reading === undefined) return begin(conversationId, messageId);
    if (reading.next !== null) {
      reading.next.messageId = messageId;
      return reading.next.done;
    }
    const goOn = (): Promise<void> => begin(conversationId, reading.next?.messageId);
    const next = { messageId, done: reading.done.then(goOn, goOn) };
    reading.next = next;
    return next.done;
  };
}

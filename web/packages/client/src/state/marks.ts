/** Which messages a receipt is about: `message.read_ack`, `message.read_update`, `message.delivered`. Pure. */

import type { Id, Message } from '../wire.js';
import { byWriting, isBeforeId } from './order.js';

/** What both frames of a reading say. `count` stands in the sender's alone. */
export interface Marks {
  readonly messageIds?: readonly Id[];
  readonly upTo?: Id;
  readonly count?: number;
}

/** Whether the message of a preview was read. */
export function marksPreview(marks: Marks, id: Id): boolean {
  return (marks.messageIds ?? []).includes(id) || (!namesAll(marks) && marks.upTo === id);
}

/**
 * Whether a message was read. Where all that were marked are named, the others up to `upTo` may have been read before, when it was
 * not to be shown: they were at least delivered.
 */
export function readBy(marks: Marks, upTo: Message | undefined): (message: Message) => boolean {
  const named = new Set(marks.messageIds);
  const reaches = namesAll(marks) ? () => false : reachedBy(marks.upTo, upTo);
  return (message) => named.has(message.id) || reaches(message);
}

/** Whether a message is that one or an earlier one. `upTo`: the message of the id `id`, if it is loaded. */
export function reachedBy(id: Id | undefined, upTo: Message | undefined): (message: Message) => boolean {
  if (id === undefined) return () => false;
  if (upTo === undefined) return (message) => isBeforeId(message, id);
  return (message) => byWriting(message, upTo) <= 0;
}

function namesAll(marks: Marks): boolean {
  return marks.count !== undefined && marks.count === marks.messageIds?.length;
}

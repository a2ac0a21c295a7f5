/** What comes before what. Times and ids sort as text. Pure. */

import type { Conversation, Id, Message } from '../wire.js';

interface Written {
  readonly createdAt: string;
  readonly id: Id;
}

/** Below zero: `one` was written before `other`. */
export function byWriting(one: Written, other: Written): number {
  return compare(one.createdAt, other.createdAt) || compare(one.id, other.id);
}

/** Below zero: `one` stands above `other` in the list, being the newer one. */
export function byActivity(
  one: Pick<Conversation, 'id' | 'updatedAt'>,
  other: Pick<Conversation, 'id' | 'updatedAt'>,
): number {
  return compare(other.updatedAt, one.updatedAt) || compare(other.id, one.id);
}

/** Whether a message was certainly written before the one of that id, of which no more is known: ids are of version 7. */
export function isBeforeId(message: Message, id: Id): boolean {
  const at = idTime(id);
  return at !== null && Date.parse(message.createdAt) <= at;
}

/** When an id was drawn, in milliseconds since the epoch; null if it does not say. */
function idTime(id: Id): number | null {
  const digits = id.replaceAll('-', '');
  return digits[12] === '7' ? Number.parseInt(digits.slice(0, 12), 16) : null;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** A timeline as it is shown: what the server has, then what is on its way there. Pure. */

import type { ToTimeline } from '../client.js';
import type { Pending, TimelineItem } from '../model.js';
import type { Id, Message } from '../wire.js';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * `messages`: newest first, as the pages hold them. `pending`: of this conversation. The answer is oldest first. One of ours keeps
 * its key from the moment it was written, so that it is the same thing on the screen when the server has it.
 */
export const toTimeline: ToTimeline = (messages, pending, user) => {
  const items = messages.map((message) => confirmed(message, user)).toReversed();
  const known = new Set(items.map((item) => item.key));
  return [...items, ...pending.filter((entry) => !known.has(entry.key)).map(underWay)];
};

function confirmed(message: Message, user: Id): TimelineItem {
  const isOwn = message.senderId === user;
  return {
    kind: 'message',
    key: isOwn ? ownKey(message) : message.id,
    message,
    status: isOwn ? message.status : 'received',
  };
}

/** A `tempId` that is no UUID may come twice. */
function ownKey(message: Message): string {
  return message.tempId !== undefined && UUID.test(message.tempId) ? message.tempId : message.id;
}

function underWay(pending: Pending): TimelineItem {
  return { kind: 'pending', key: pending.key, pending, status: pending.state };
}

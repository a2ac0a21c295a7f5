/** Two readings of one thing, of which neither need be the newer: what only ever moves forward keeps the further state. Pure. */

import type { Conversation, Message, MessagePreview } from '../wire.js';
import { byWriting } from './order.js';

const STEPS = { sent: 0, delivered: 1, read: 2 } as const;

/** A message as its conversation shows it. */
export function preview(message: Message): MessagePreview {
  const { id, senderId, type, content, createdAt, isRead } = message;
  return { id, senderId, type, content, createdAt, isRead };
}

/** The status that is further on the way from sent to read. */
export function further(one: Message['status'], other: Message['status']): Message['status'] {
  return STEPS[one] >= STEPS[other] ? one : other;
}

/** A message read once more: a read one stays read, a delivered one delivered. The known one if it says nothing new. */
export function laterMessage(known: Message, read: Message): Message {
  const status = further(known.status, read.status);
  if (status === known.status && known.isRead === (known.isRead || read.isRead)) return known;
  const seen = read.isRead ? read : known;
  return { ...read, status, isRead: seen.isRead, ...(seen.readAt === undefined ? {} : { readAt: seen.readAt }) };
}

/** A conversation read once more: its last message, and its place in the list, never go back. The known one if nothing is new. */
export function laterConversation(known: Conversation, read: Conversation): Conversation {
  const old = known.lastMessage;
  const lastMessage = old === null ? read.lastMessage : laterLast(old, read.lastMessage);
  const updatedAt = lastMessage === old && old !== null ? known.updatedAt : read.updatedAt;
  const isSame =
    lastMessage === old &&
    updatedAt === known.updatedAt &&
    read.otherUser === known.otherUser &&
    read.isBlocked === known.isBlocked &&
    read.unreadCount === known.unreadCount;
  return isSame ? known : { ...read, lastMessage, updatedAt };
}

function laterLast(old: MessagePreview, read: MessagePreview | null): MessagePreview {
  if (read === null || byWriting(read, old) < 0) return old;
  return read.id === old.id ? laterPreview(old, read) : read;
}

/** A preview read once more: a read one stays read, a deleted one empty. */
function laterPreview(known: MessagePreview, read: MessagePreview): MessagePreview {
  const content = known.content === '' ? '' : read.content;
  const isRead = known.isRead || read.isRead;
  return content === known.content && isRead === known.isRead ? known : { ...read, content, isRead };
}

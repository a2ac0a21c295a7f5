/** The messages of a conversation as pages that facts change. Pure and idempotent. */

import type { MessagePage, Pages } from '../model.js';
import type { Frame, FrameOf, Id, Message, Time } from '../wire.js';
import { messageCursor } from './cursors.js';
import { positionOf } from './frames.js';
import { type Marks, reachedBy, readBy } from './marks.js';
import { further, laterMessage } from './merge.js';
import { byWriting } from './order.js';
import { divided, edited, holds, MOST_PER_PAGE, mapped, replaced, stamped } from './pages.js';

type Timeline = Pages<MessagePage>;

/**
 * The timeline after a frame; the same object if the frame says nothing new. Facts must come in the order of their positions.
 * Frames that are no facts are passed over. A new message appears only where the live end is loaded: `newer === null` on the
 * first page. `user`: whose device it is.
 */
export function reduceTimeline(pages: Timeline, frame: Frame, user: Id, conversationId: Id): Timeline {
  const position = positionOf(frame);
  if (position === undefined || holds(pages, position)) return pages;
  const after = changed(pages, frame, user, conversationId);
  return after === pages ? pages : stamped(bounded(after), position);
}

function changed(pages: Timeline, frame: Frame, user: Id, conversationId: Id): Timeline {
  switch (frame.type) {
    case 'message.new':
    case 'message.sent':
      return frame.payload.message.conversationId === conversationId ? placed(pages, frame.payload.message) : pages;
    case 'message.read_ack':
    case 'message.read_update':
    case 'message.delivered':
    case 'message.deleted':
    case 'conversation.deleted':
      return frame.payload.conversationId === conversationId ? marked(pages, frame, user) : pages;
    default:
      return pages;
  }
}

type Mark = FrameOf<
  'message.read_ack' | 'message.read_update' | 'message.delivered' | 'message.deleted' | 'conversation.deleted'
>;

function marked(pages: Timeline, frame: Mark, user: Id): Timeline {
  switch (frame.type) {
    case 'message.read_ack':
      return withRead(pages, frame.payload, frame.payload.readAt, (message) => message.senderId !== user);
    case 'message.read_update':
      return withRead(
        withDelivered(pages, frame.payload.upTo, user),
        frame.payload,
        frame.payload.readAt,
        (message) => message.senderId === user,
      );
    case 'message.delivered':
      return withDelivered(pages, frame.payload.upTo, user);
    case 'message.deleted':
      return everyMessage(pages, (message) => (message.id === frame.payload.messageId ? null : message));
    case 'conversation.deleted':
      return emptied(pages);
  }
}

function withRead(
  pages: Timeline,
  marks: Marks,
  readAt: Time | null,
  concerns: (message: Message) => boolean,
): Timeline {
  if (readAt === null) return pages;
  const isRead = readBy(marks, find(pages, marks.upTo));
  return everyMessage(pages, (message) =>
    !message.isRead && concerns(message) && isRead(message)
      ? { ...message, isRead: true, readAt, status: 'read' }
      : message,
  );
}

function withDelivered(pages: Timeline, upTo: Id | undefined, user: Id): Timeline {
  const isReached = reachedBy(upTo, find(pages, upTo));
  return everyMessage(pages, (message) => {
    if (message.senderId !== user || !isReached(message)) return message;
    const status = further(message.status, 'delivered');
    return status === message.status ? message : { ...message, status };
  });
}

/** The history begins anew: what stood here is gone for this user, and this is the live end. */
function emptied(pages: Timeline): Timeline {
  const [first] = pages.pages;
  if (first === undefined) return pages;
  const isEmpty =
    pages.pages.length === 1 && first.messages.length === 0 && first.older === null && first.newer === null;
  return isEmpty ? pages : { pages: [{ ...first, messages: [], older: null, newer: null }], pageParams: [null] };
}

function find(pages: Timeline, id: Id | undefined): Message | undefined {
  for (const page of pages.pages) {
    const found = page.messages.find((message) => message.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function everyMessage(pages: Timeline, change: (message: Message) => Message | null): Timeline {
  return mapped(pages, (page) => {
    const messages = edited(page.messages, change);
    return messages === page.messages ? page : { ...page, messages };
  });
}

/** The message in its place, once. Older than all that is loaded, or newer where the live end is not: it comes with its page. */
function placed(pages: Timeline, message: Message): Timeline {
  if (find(pages, message.id) !== undefined) {
    return everyMessage(pages, (known) => (known.id === message.id ? laterMessage(known, message) : known));
  }
  const newest = pages.pages.find((page) => page.messages.length > 0)?.messages[0];
  const isNewest = newest === undefined || byWriting(newest, message) < 0;
  return isNewest ? withNewest(pages, message) : between(pages, message);
}

function withNewest(pages: Timeline, message: Message): Timeline {
  const [first] = pages.pages;
  if (first === undefined || first.newer !== null) return pages;
  return replaced(pages, 0, { ...first, messages: [message, ...first.messages] });
}

function between(pages: Timeline, message: Message): Timeline {
  const isOlder = (one: Message): boolean => byWriting(one, message) < 0;
  const index = pages.pages.findIndex((one) => one.older === null || one.messages.some(isOlder));
  const page = pages.pages[index];
  if (page === undefined) return pages;
  const before = page.messages.findIndex(isOlder);
  const messages = page.messages.toSpliced(before === -1 ? page.messages.length : before, 0, message);
  return replaced(pages, index, { ...page, messages });
}

function bounded(pages: Timeline): Timeline {
  const [first] = pages.pages;
  const last = first?.messages[MOST_PER_PAGE / 2 - 1];
  const next = first?.messages[MOST_PER_PAGE / 2];
  if (first === undefined || last === undefined || next === undefined || first.messages.length <= MOST_PER_PAGE) {
    return pages;
  }
  const newer = { ...first, messages: first.messages.slice(0, MOST_PER_PAGE / 2), older: messageCursor(last) };
  const older = { ...first, messages: first.messages.slice(MOST_PER_PAGE / 2), newer: messageCursor(next) };
  return divided(pages, [newer, older], params(pages.pageParams[0], newer.older, older.newer));
}

/** From the live end the newer part is what begins there; else the older part is what was asked for. */
function params(param: unknown, older: string, newer: string): [unknown, unknown] {
  return param === null || param === undefined ? [param, { older }] : [{ newer }, param];
}

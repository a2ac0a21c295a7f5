/** The list of conversations as pages that facts change. Pure and idempotent. */

import type { ConversationPage, Pages } from '../model.js';
import type { Block, Conversation, ConversationUpdated, Frame, FrameOf, Id, MessageNew, MessageSent } from '../wire.js';
import { conversationCursor } from './cursors.js';
import { isUpdate, positionOf } from './frames.js';
import { type Marks, marksPreview } from './marks.js';
import { laterConversation, preview } from './merge.js';
import { byActivity } from './order.js';
import { divided, edited, holds, MOST_PER_PAGE, mapped, replaced, stamped } from './pages.js';

type InboxPages = Pages<ConversationPage>;

/**
 * The list after a frame; the same object if the frame says nothing new. Facts must come in the order of their positions.
 * Frames that are no facts say nothing that a fact does not, and are passed over. `user`: whose list it is.
 */
export function reduceInbox(pages: InboxPages, frame: Frame, user: Id): InboxPages {
  const position = positionOf(frame);
  if (position === undefined || holds(pages, position)) return pages;
  const after = changed(pages, frame, user);
  return after === pages ? pages : stamped(bounded(after), position);
}

/**
 * Whether a fact is about a conversation of which these pages cannot know what it says: it belongs into the list, but stands on
 * no loaded page. Then the first page must be fetched anew.
 */
export function missesConversation(pages: InboxPages, frame: Frame): boolean {
  const position = positionOf(frame);
  if (position === undefined || (pages.pages[0]?.position ?? -1) >= position) return false;
  switch (frame.type) {
    case 'message.new':
    case 'message.sent':
      return frame.payload.conversation === undefined && !find(pages, frame.payload.message.conversationId);
    case 'message.deleted':
      return isUnseenLast(find(pages, frame.payload.conversationId), frame.payload.messageId);
    default:
      return false;
  }
}

/** A message that was never shown here, and was the last one, leaves a place in the list of which only the server knows. */
function isUnseenLast(listed: Conversation | undefined, deleted: Id): boolean {
  if (listed === undefined) return false;
  return listed.lastMessage === null || listed.lastMessage.id < deleted;
}

function changed(pages: InboxPages, frame: Frame, user: Id): InboxPages {
  switch (frame.type) {
    case 'message.new':
    case 'message.sent':
      return withMessage(pages, frame.payload);
    case 'message.read_ack':
      return withRead(pages, frame.payload, (sender) => sender !== user);
    case 'message.read_update':
      return withRead(pages, frame.payload, (sender) => sender === user);
    case 'message.deleted':
      return withoutMessage(pages, frame.payload);
    case 'conversation.deleted':
      return without(pages, frame.payload.conversationId);
    case 'conversation.updated':
      return isUpdate(frame.payload) ? withUpdate(pages, frame.payload) : pages;
    case 'block.added':
      return withBlock(pages, frame.payload, true);
    case 'block.removed':
      return withBlock(pages, frame.payload, false);
    default:
      return pages;
  }
}

function withMessage(pages: InboxPages, payload: MessageNew | MessageSent): InboxPages {
  const { message, conversation, unreadCount } = payload;
  const listed = find(pages, message.conversationId) ?? conversation;
  if (listed === undefined) return pages;
  const base = conversation === undefined ? listed : laterConversation(listed, conversation);
  const last = laterConversation(base, { ...base, lastMessage: preview(message), updatedAt: message.createdAt });
  return placed(pages, counted(last, unreadCount));
}

function withRead(
  pages: InboxPages,
  payload: Marks & { readonly conversationId: Id; readonly unreadCount?: number },
  concerns: (sender: Id) => boolean,
): InboxPages {
  return withChange(pages, payload.conversationId, (listed) => {
    const last = listed.lastMessage;
    const isMarked = last !== null && !last.isRead && concerns(last.senderId) && marksPreview(payload, last.id);
    const marked = isMarked ? { ...listed, lastMessage: { ...last, isRead: true } } : listed;
    return counted(marked, payload.unreadCount);
  });
}

/** The list keeps the place of a deleted message, and shows it empty. */
function withoutMessage(pages: InboxPages, payload: FrameOf<'message.deleted'>['payload']): InboxPages {
  return withChange(pages, payload.conversationId, (listed) => {
    const last = listed.lastMessage;
    const isLast = last !== null && last.id === payload.messageId && last.content !== '';
    const emptied = isLast ? { ...listed, lastMessage: { ...last, content: '' } } : listed;
    return counted(emptied, payload.unreadCount);
  });
}

function withUpdate(pages: InboxPages, payload: ConversationUpdated): InboxPages {
  const id = payload.conversationId;
  if (payload.hidden === true) return without(pages, id);
  const listed = find(pages, id);
  const { conversation } = payload;
  const appeared = conversation === undefined ? pages : placed(pages, appearing(listed, conversation));
  return withChange(appeared, id, (known) => {
    const isBlocked = payload.isBlocked ?? known.isBlocked;
    const otherUser = payload.otherUser ?? known.otherUser;
    const same = isBlocked === known.isBlocked && otherUser === known.otherUser;
    return counted(same ? known : { ...known, isBlocked, otherUser }, payload.unreadCount);
  });
}

function appearing(listed: Conversation | undefined, conversation: Conversation): Conversation {
  return listed === undefined ? conversation : laterConversation(listed, conversation);
}

/** Where the other one blocks too the conversation is not listed, so that this user's own block is all there is to show. */
function withBlock(pages: InboxPages, block: Block, isBlocked: boolean): InboxPages {
  return everyConversation(pages, (listed) =>
    listed.otherUser.id !== block.blockedUser.id || listed.isBlocked === isBlocked ? listed : { ...listed, isBlocked },
  );
}

function counted(listed: Conversation, unreadCount: number | undefined): Conversation {
  return unreadCount === undefined || unreadCount === listed.unreadCount ? listed : { ...listed, unreadCount };
}

function find(pages: InboxPages, id: Id): Conversation | undefined {
  for (const page of pages.pages) {
    const found = page.data.conversations.find((one) => one.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function everyConversation(pages: InboxPages, change: (one: Conversation) => Conversation | null): InboxPages {
  return mapped(pages, (page) => {
    const conversations = edited(page.data.conversations, change);
    return conversations === page.data.conversations ? page : withItems(page, conversations);
  });
}

function withChange(pages: InboxPages, id: Id, change: (one: Conversation) => Conversation): InboxPages {
  return everyConversation(pages, (one) => (one.id === id ? change(one) : one));
}

function without(pages: InboxPages, id: Id): InboxPages {
  return everyConversation(pages, (one) => (one.id === id ? null : one));
}

function withItems(page: ConversationPage, conversations: Conversation[]): ConversationPage {
  return { ...page, data: { ...page.data, conversations } };
}

/** The conversation in its place and nowhere else; where that is below all that is loaded, it comes with the next page. */
function placed(pages: InboxPages, conversation: Conversation): InboxPages {
  const { id } = conversation;
  const shown = pages.pages.flatMap(({ data }) => data.conversations.filter((one) => one.id === id));
  if (shown.length === 1 && shown[0] === conversation) return pages;
  const isBelow = (one: Conversation): boolean => byActivity(conversation, one) < 0;
  const rest = without(pages, id);
  const index = rest.pages.findIndex(({ data }) => !data.meta.hasMore || data.conversations.some(isBelow));
  const page = rest.pages[index];
  if (page === undefined) return rest;
  const items = page.data.conversations;
  const above = items.findIndex(isBelow);
  return replaced(rest, index, withItems(page, items.toSpliced(above === -1 ? items.length : above, 0, conversation)));
}

function bounded(pages: InboxPages): InboxPages {
  const [first] = pages.pages;
  const items = first?.data.conversations ?? [];
  const last = items[MOST_PER_PAGE / 2 - 1];
  if (first === undefined || last === undefined || items.length <= MOST_PER_PAGE) return pages;
  const nextCursor = conversationCursor(last);
  const newer = {
    ...first.data,
    conversations: items.slice(0, MOST_PER_PAGE / 2),
    meta: { hasMore: true, nextCursor },
  };
  const older = withItems(first, items.slice(MOST_PER_PAGE / 2));
  return divided(pages, [{ ...first, data: newer }, older], [pages.pageParams[0], nextCursor]);
}

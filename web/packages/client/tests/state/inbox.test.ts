import { expect, test } from 'vitest';
import type { ConversationPage, Pages } from '../../src/model.js';
import { conversationCursor } from '../../src/state/cursors.js';
import { missesConversation, reduceInbox } from '../../src/state/inbox.js';
import type { Conversation, Frame, User } from '../../src/wire.js';
import { dated, ME, message, partner } from './examples.js';

function listed(number: number): Conversation {
  const otherUser: User = partner(number);
  return {
    id: `chat ${number}`,
    otherUser,
    lastMessage: null,
    unreadCount: 0,
    updatedAt: dated(number),
    isBlocked: false,
  };
}

/** The newest first; `hasMore`: below these there are others. */
function list(numbers: number[], hasMore = false, position = 0): Pages<ConversationPage> {
  const data = { conversations: numbers.map(listed), meta: { hasMore } };
  return { pages: [{ success: true, message: '', data, position }], pageParams: [undefined] };
}

const ids = (pages: Pages<ConversationPage>): string[][] =>
  pages.pages.map((page) => page.data.conversations.map(({ id }) => id));

function arrival(number: number, at: number, position: number, conversation?: Conversation): Frame {
  const counts = { unreadCount: 1, totalUnread: 1 };
  const payload = { message: message(at, { conversationId: `chat ${number}` }), ...counts };
  return { type: 'message.new', payload: { ...payload, ...(conversation ? { conversation } : {}) }, position };
}

test('a message takes its conversation to the top', () => {
  const pages = reduceInbox(list([3, 2, 1]), arrival(1, 9, 1), ME);
  expect(ids(pages)).toEqual([['chat 1', 'chat 3', 'chat 2']]);
  expect(pages.pages[0]?.data.conversations[0]).toMatchObject({ unreadCount: 1, updatedAt: dated(9) });
});

test('what is not touched stays the same object', () => {
  const before = list([3, 2, 1]);
  const after = reduceInbox(before, arrival(1, 9, 1), ME);
  expect(after.pages[0]?.data.conversations[1]).toBe(before.pages[0]?.data.conversations[0]);
});

test('frames that are no facts change nothing', () => {
  const before = list([1]);
  const preview: Frame = {
    type: 'conversation.updated',
    payload: { conversationId: 'chat 1', lastMessage: message(9) },
  };
  expect(reduceInbox(before, preview, ME)).toBe(before);
  expect(reduceInbox(before, { ...arrival(1, 9, 1), position: undefined } as never, ME)).toBe(before);
});

test('a message for a conversation on no loaded page is missed, unless it carries it, or is older than the page', () => {
  expect(missesConversation(list([1], true), arrival(2, 9, 1))).toBe(true);
  expect(missesConversation(list([1], true), arrival(2, 9, 1, listed(2)))).toBe(false);
  expect(missesConversation(list([1], true, 1), arrival(2, 9, 1))).toBe(false);
  expect(missesConversation(list([1], true), arrival(1, 9, 1))).toBe(false);
});

test('a conversation that comes back below all that is loaded waits for its page', () => {
  const back = (number: number): Frame => ({
    type: 'conversation.updated',
    payload: {
      conversationId: `chat ${number}`,
      unreadCount: 0,
      totalUnread: 0,
      hidden: false,
      conversation: listed(number),
    },
    position: 1,
  });
  expect(ids(reduceInbox(list([5, 3], true), back(4), ME))).toEqual([['chat 5', 'chat 4', 'chat 3']]);
  expect(ids(reduceInbox(list([5, 3], true), back(1), ME))).toEqual([['chat 5', 'chat 3']]);
  expect(ids(reduceInbox(list([5, 3]), back(1), ME))).toEqual([['chat 5', 'chat 3', 'chat 1']]);
});

test('a first page that grows past a hundred is split, and can be gone on from', () => {
  const numbers = Array.from({ length: 100 }, (_, index) => 100 - index);
  const after = reduceInbox(list(numbers, true), arrival(101, 200, 1, listed(101)), ME);
  expect(after.pages.map((page) => page.data.conversations.length)).toEqual([50, 51]);
  const last = after.pages[0]?.data.conversations.at(-1);
  if (last === undefined) throw new Error('nothing on the first page');
  expect(after.pages[0]?.data.meta).toEqual({ hasMore: true, nextCursor: conversationCursor(last) });
  expect(after.pageParams).toEqual([undefined, conversationCursor(last)]);
  expect(after.pages[1]?.data.meta).toEqual({ hasMore: true });
});

test('a partner who shows otherwise is shown so', () => {
  const gone = { ...partner(1), username: 'deleted', displayName: 'Deleted account' };
  const payload = { conversationId: 'chat 1', unreadCount: 0, totalUnread: 0, otherUser: gone };
  const after = reduceInbox(list([1]), { type: 'conversation.updated', payload, position: 1 }, ME);
  expect(after.pages[0]?.data.conversations[0]?.otherUser).toEqual(gone);
});

test('an older message than the one that is shown takes neither its place nor that of the conversation', () => {
  const before = reduceInbox(list([3, 2]), arrival(2, 9, 2), ME);
  const late = { ...before, pages: before.pages.map((page) => ({ ...page, position: 0 })) };
  expect(reduceInbox(late, arrival(2, 5, 1), ME)).toBe(late);
});

import { expect, test } from 'vitest';
import type { MessagePage, Pages } from '../../src/model.js';
import { messageCursor } from '../../src/state/cursors.js';
import { reduceTimeline } from '../../src/state/timeline.js';
import type { Frame, Message } from '../../src/wire.js';
import { CHAT, ME, message, YOU } from './examples.js';

interface Edges {
  readonly older?: string | null;
  readonly newer?: string | null;
}

/** Newest first; live and from the beginning unless said otherwise. */
function page(messages: Message[], { older = null, newer = null }: Edges = {}): MessagePage {
  return { messages, older, newer, position: 0 };
}

function timeline(...pages: MessagePage[]): Pages<MessagePage> {
  return { pages, pageParams: pages.map((_, index) => (index === 0 ? null : { older: `cursor ${index}` })) };
}

function arrival(one: Message, position = 1): Frame {
  return { type: 'message.new', payload: { message: one, unreadCount: 0, totalUnread: 0 }, position };
}

const reduce = (pages: Pages<MessagePage>, frame: Frame) => reduceTimeline(pages, frame, ME, CHAT);
const ids = (pages: Pages<MessagePage>): string[][] => pages.pages.map((one) => one.messages.map(({ id }) => id));
const statuses = (pages: Pages<MessagePage>): string[] =>
  pages.pages.flatMap((one) => one.messages.map(({ status }) => status));

test('a new message appears at the live end alone', () => {
  expect(ids(reduce(timeline(page([message(1)])), arrival(message(2))))).toEqual([[message(2).id, message(1).id]]);
  const window = timeline(page([message(1)], { newer: 'cursor' }));
  expect(reduce(window, arrival(message(2)))).toBe(window);
});

test('a message of another conversation changes nothing', () => {
  const before = timeline(page([message(1)]));
  expect(reduce(before, arrival(message(2, { conversationId: 'other' })))).toBe(before);
});

test('a message that belongs between others stands there; an older one than all comes with its page', () => {
  const pages = timeline(page([message(9), message(5)], { older: 'c' }), page([message(3)], { older: 'cursor' }));
  expect(ids(reduce(pages, arrival(message(4))))).toEqual([ids(pages)[0], [message(4).id, message(3).id]]);
  expect(reduce(pages, arrival(message(1)))).toBe(pages);
});

test('at the live end a message appears even when all others there were deleted', () => {
  const pages = timeline(page([], { older: 'cursor' }));
  expect(ids(reduce(pages, arrival(message(2))))).toEqual([[message(2).id]]);
});

test('a message that comes again keeps how far it was', () => {
  const read = message(1, { status: 'read', isRead: true, readAt: 'then' });
  const before = timeline(page([read]));
  expect(reduce(before, arrival(message(1)))).toBe(before);
});

function readUpdate(count: number, messageIds: string[], upTo?: string): Frame {
  const payload = { conversationId: CHAT, messageIds, count, readBy: YOU, readAt: 'then' };
  return { type: 'message.read_update', payload: { ...payload, ...(upTo ? { upTo } : {}) }, position: 1 };
}

test('who reads all of so many that they cannot be named reads everything up to there', () => {
  const pages = timeline(page([message(3), message(2), message(1)]));
  expect(statuses(reduce(pages, readUpdate(200, [message(2).id], message(2).id)))).toEqual(['sent', 'read', 'read']);
});

test('where all that were read are named, the others up to there were delivered at least', () => {
  const pages = timeline(page([message(3), message(2), message(1)]));
  expect(statuses(reduce(pages, readUpdate(1, [message(2).id], message(2).id)))).toEqual(['sent', 'read', 'delivered']);
});

test('only the partner reads what I wrote', () => {
  const pages = timeline(page([message(2, { senderId: YOU, status: 'delivered' }), message(1)]));
  expect(statuses(reduce(pages, readUpdate(9, [], message(2).id)))).toEqual(['delivered', 'read']);
});

test('what was delivered is so up to there, and never goes back', () => {
  const pages = timeline(page([message(3), message(2), message(1, { status: 'read', isRead: true })]));
  const delivered: Frame = {
    type: 'message.delivered',
    payload: { conversationId: CHAT, upTo: message(2).id, deliveredAt: 'then' },
    position: 1,
  };
  expect(statuses(reduce(pages, delivered))).toEqual(['sent', 'delivered', 'read']);
});

test('a receipt up to a message that is not loaded marks what is older than it by its id', () => {
  const newer = '019b7c01-0400-7000-8000-000000000000'; // of the second of January
  const pages = timeline(page([message(2), message(1)], { newer: 'cursor' }));
  expect(statuses(reduce(pages, readUpdate(200, [newer], newer)))).toEqual(['read', 'read']);
  expect(statuses(reduce(pages, readUpdate(200, ['unknown'], 'unknown')))).toEqual(['sent', 'sent']);
});

test('a deleted message leaves; a deleted conversation begins anew, live', () => {
  const pages = timeline(page([message(3), message(2)], { newer: 'n' }), page([message(1)], { older: 'o' }));
  const counts = { unreadCount: 0, totalUnread: 0 };
  const gone = { conversationId: CHAT, messageId: message(2).id, deletedAt: 'then', ...counts };
  expect(ids(reduce(pages, { type: 'message.deleted', payload: gone, position: 1 }))).toEqual([
    [message(3).id],
    [message(1).id],
  ]);
  const emptied = reduce(pages, {
    type: 'conversation.deleted',
    payload: { conversationId: CHAT, ...counts },
    position: 1,
  });
  expect(emptied).toMatchObject({ pages: [{ messages: [], older: null, newer: null }], pageParams: [null] });
  expect(ids(reduce(emptied, arrival(message(4), 2)))).toEqual([[message(4).id]]);
});

const hundred = Array.from({ length: 100 }, (_, index) => message(100 - index));

test('a first page that grows past a hundred is split, and both parts can be gone on from', () => {
  const after = reduce(timeline(page(hundred, { older: 'o' })), arrival(message(101)));
  expect(after.pages.map(({ messages }) => messages.length)).toEqual([50, 51]);
  const [newer, older] = after.pages;
  expect(newer).toMatchObject({ newer: null, older: messageCursor(message(52)) });
  expect(older).toMatchObject({ newer: messageCursor(message(51)), older: 'o' });
  expect(after.pageParams).toEqual([null, { older: messageCursor(message(52)) }]);
});

test('a window around a message keeps where it began when it is split', () => {
  const around = { pages: [page(hundred)], pageParams: [{ around: message(40).id }] };
  const after = reduce(around, arrival(message(101)));
  expect(after.pageParams).toEqual([{ newer: messageCursor(message(51)) }, { around: message(40).id }]);
});

test('a page that a fact changed is known to hold all facts up to it', () => {
  const after = reduce(timeline(page([message(1)])), arrival(message(2), 7));
  expect(after.pages[0]?.position).toBe(7);
  expect(reduce(after, arrival(message(3), 6))).toBe(after);
});

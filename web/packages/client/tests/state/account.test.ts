import { expect, test } from 'vitest';
import { manualTimers } from '../../src/platform/memory.js';
import { createAccount } from '../../src/state/account.js';
import type { Frame } from '../../src/wire.js';
import { CHAT, message } from './examples.js';

const never = (): Promise<never> => new Promise(() => undefined);
const rest = { users: { me: never }, conversations: { unread: never } } as unknown as Parameters<
  typeof createAccount
>[0];

function arrival(totalUnread: number, position: number): Frame {
  return { type: 'message.new', payload: { message: message(position), unreadCount: 1, totalUnread }, position };
}

test('how much is unread is what the last fact says', () => {
  const { totalUnread, apply } = createAccount(rest, manualTimers(0));
  apply(arrival(1, 1));
  apply(arrival(2, 2));
  expect(totalUnread.get()).toBe(2);
});

test('a notice that was overtaken by a newer fact does not bring an old total back', () => {
  const { totalUnread, apply } = createAccount(rest, manualTimers(0));
  const acked = {
    conversationId: CHAT,
    markedCount: 1,
    readAt: message(1).createdAt,
    unreadCount: 0,
    totalUnread: 0,
  };
  apply(arrival(1, 1));
  apply({ type: 'message.read_ack', payload: acked, position: 2 });
  apply({ type: 'notification.unread', payload: { conversationId: CHAT, totalUnread: 1, unreadCount: 1 } });
  expect(totalUnread.get()).toBe(0);
});

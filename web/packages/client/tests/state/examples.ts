/** Things of which only what a test says matters. */

import type { Message, User } from '../../src/wire.js';

export const ME = '11111111-1111-7111-8111-111111111111';
export const YOU = '22222222-2222-7222-8222-222222222222';
export const CHAT = 'aaaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa';

/** The time of that number: later ones sort behind. */
export function dated(number: number): string {
  return new Date(Date.UTC(2026, 0, 1) + number).toISOString().replace('Z', '000Z');
}

export function partner(number: number): User {
  return { id: `user ${number}`, username: `u${number}`, displayName: `User ${number}`, avatar: '', isOnline: false };
}

/** Mine unless said otherwise. */
export function message(number: number, more: Partial<Message> = {}): Message {
  return {
    id: `message ${String(number).padStart(6, '0')}`,
    conversationId: CHAT,
    senderId: ME,
    receiverId: YOU,
    type: 'text',
    content: `text ${number}`,
    media: [],
    status: 'sent',
    isRead: false,
    createdAt: dated(number),
    updatedAt: dated(number),
    ...more,
  };
}

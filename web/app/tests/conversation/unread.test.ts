import { expect, it } from 'vitest';
import { findUnread, newestUnread } from '../../src/conversation/unread';
import { message, pending } from './items';

const read = message('read');
const unread = (key: string) => message(key, { isRead: false });

it('puts the line above the first that was not read', () => {
  const items = [read, unread('a'), unread('b')];
  expect(findUnread(items)).toEqual({ mark: { key: 'a', count: 2 }, isWhole: true });
});

it('counts no own messages between them', () => {
  const items = [read, unread('a'), message('mine', { own: true }), unread('b'), pending('way', 'sending')];
  expect(findUnread(items).mark).toEqual({ key: 'a', count: 2 });
});

it('draws no line when all is read', () => {
  expect(findUnread([read, message('mine', { own: true })])).toEqual({ mark: null, isWhole: true });
  expect(findUnread([])).toEqual({ mark: null, isWhole: true });
});

it('says when there may be more unread ones than are loaded', () => {
  expect(findUnread([unread('a'), unread('b')])).toEqual({ mark: { key: 'a', count: 2 }, isWhole: false });
});

it('marks up to the newest received one, as long as one is unread', () => {
  expect(newestUnread([unread('a'), unread('b'), message('mine', { own: true })])).toBe('b');
  expect(newestUnread([read, message('mine', { own: true, isRead: false })])).toBeNull();
});

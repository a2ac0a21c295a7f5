import type { Conversation, MessagePreview } from '@duologue/client';
import { describe, expect, it } from 'vitest';
import { oneLine, pendingPreview, previewOf } from '../../src/inbox/preview';
import { shownOf } from '../../src/inbox/shown';

const last = (type: MessagePreview['type'], content: string | null): MessagePreview => ({
  id: 'm',
  senderId: 'u',
  type,
  content,
  createdAt: '2026-06-01T12:00:00.000000Z',
  isRead: false,
});

describe('the last message in one line', () => {
  it('is its text without line breaks', () => {
    expect(previewOf(last('text', 'one\n\n  two\tthree '))).toEqual({ kind: 'text', text: 'one two three' });
  });

  it('names what was sent, with its caption', () => {
    expect(previewOf(last('image', null))).toEqual({ kind: 'image', text: '' });
    expect(previewOf(last('file', 'the plan'))).toEqual({ kind: 'file', text: 'the plan' });
  });

  it('says that it was deleted, or that there is none', () => {
    expect(previewOf(last('text', null)).kind).toBe('deleted');
    expect(previewOf(last('text', '')).kind).toBe('deleted');
    expect(previewOf(null).kind).toBe('none');
  });

  it('names files on their way, and mixed ones as files', () => {
    const file = (kind: 'image' | 'video') => ({ blob: new Blob(), name: 'x', kind });
    const draft = { conversationId: 'c', content: 'look' };
    expect(pendingPreview(draft)).toEqual({ kind: 'text', text: 'look' });
    expect(pendingPreview({ ...draft, files: [file('image'), file('image')] }).kind).toBe('image');
    expect(pendingPreview({ ...draft, files: [file('image'), file('video')] }).kind).toBe('file');
  });

  it('is short however long the text is', () => {
    expect(oneLine('a'.repeat(10_000)).length).toBeLessThan(200);
  });
});

describe('which conversations are shown', () => {
  const user = { id: 'u', displayName: 'X', avatar: '', isOnline: false };
  const conversation = (username: string, unreadCount: number): Conversation => ({
    id: username,
    otherUser: { ...user, username },
    lastMessage: null,
    unreadCount,
    updatedAt: '2026-06-01T12:00:00.000000Z',
    isBlocked: false,
  });
  const list = [conversation('Ann', 0), conversation('Ben', 3), conversation('Cem', 0)];

  it('are all, as the same array', () => {
    expect(shownOf(list, 'all', 'Ann')).toBe(list);
  });

  it('are the unread ones and the open one', () => {
    expect(shownOf(list, 'unread', undefined).map(({ id }) => id)).toEqual(['Ben']);
    expect(shownOf(list, 'unread', 'cem').map(({ id }) => id)).toEqual(['Ben', 'Cem']);
  });
});

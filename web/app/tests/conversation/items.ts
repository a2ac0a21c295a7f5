/** Timeline items for tests, a minute apart unless told. */

import type { Message, TimelineItem } from '@duologue/client';

export const ME = '00000000-0000-4000-8000-000000000001';
export const PARTNER = '00000000-0000-4000-8000-000000000002';
export const CONVERSATION = '00000000-0000-4000-8000-00000000000c';
/** 1 June 2026, noon where the tests run. */
export const NOON = new Date(2026, 5, 1, 12).getTime();

type PendingItem = Extract<TimelineItem, { readonly kind: 'pending' }>;

export interface Wanted {
  readonly own?: boolean;
  readonly at?: number;
  readonly content?: string;
  readonly isRead?: boolean;
  readonly status?: 'sent' | 'delivered' | 'read';
}

export function message(key: string, wanted: Wanted = {}): TimelineItem {
  const { own = false, at = NOON, content = `text ${key}`, isRead = true, status = 'sent' } = wanted;
  const createdAt = new Date(at).toISOString();
  const fields: Message = {
    id: key,
    conversationId: CONVERSATION,
    senderId: own ? ME : PARTNER,
    receiverId: own ? PARTNER : ME,
    type: 'text',
    content,
    media: [],
    status: own ? status : 'delivered',
    isRead,
    createdAt,
    updatedAt: createdAt,
  };
  return { kind: 'message', key, message: fields, status: own ? status : 'received' };
}

/** `count` messages with keys m0, m1, ... a minute apart. */
export function messages(count: number, from = 0): TimelineItem[] {
  return Array.from({ length: count }, (_, index) =>
    message(`m${from + index}`, { at: NOON + (from + index) * 60_000, own: (from + index) % 3 === 0 }),
  );
}

export function pending(key: string, status: 'queued' | 'sending' | 'failed', at = NOON): PendingItem {
  return {
    kind: 'pending',
    key,
    status,
    pending: {
      key,
      draft: { conversationId: CONVERSATION, content: `text ${key}` },
      state: status,
      createdAt: at,
      attempts: 1,
      uploads: [],
    },
  };
}

import type { Id } from '@duologue/client';
import { useCallback } from 'react';
import { useClient } from '../context.js';

/** Marks a conversation as read: all of it, or up to a message. Called as often as one likes: the newest wins. */
export function useMarkRead(conversationId: Id): (messageId?: Id) => Promise<void> {
  const client = useClient();
  return useCallback((messageId) => client.markRead(conversationId, messageId), [client, conversationId]);
}

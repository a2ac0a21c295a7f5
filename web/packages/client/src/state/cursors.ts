/** Places in lists, as the server writes its cursors: where a page that was split here begins. Pure. */

import type { Conversation, Message } from '../wire.js';

/** Of a message in a history. */
export function messageCursor(message: Pick<Message, 'createdAt' | 'id'>): string {
  return btoa(JSON.stringify({ created_at: message.createdAt, id: message.id }));
}

/** Of a conversation in the list. */
export function conversationCursor(conversation: Pick<Conversation, 'updatedAt' | 'id'>): string {
  return btoa(JSON.stringify({ updated_at: conversation.updatedAt, id: conversation.id }));
}

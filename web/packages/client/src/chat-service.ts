/** The chat service that front ends of the first API were written against: five names, answers as they stand. */

import type { Answer, ConversationPage } from './model.js';
import type { Rest } from './rest/rest.js';
import type { Block, Id, Message, MessageList, Read } from './wire.js';

export interface ChatService {
  /** The next page: `cursor` is `data.meta.nextCursor` of the last one. */
  readonly getConversations: (cursor?: string) => Promise<ConversationPage>;
  /** Newest first; goes on as `getConversations`. */
  readonly getMessages: (convId: Id, cursor?: string) => Promise<Answer<MessageList>>;
  /** At once, past the outbox: what fails is lost unless the caller sends it again, which may send it twice. */
  readonly sendMessage: (convId: Id, content: string) => Promise<Answer<Message>>;
  readonly markAsRead: (convId: Id) => Promise<Answer<Read>>;
  readonly blockUser: (username: string) => Promise<Answer<Block>>;
}

/** Over a client, or anything else that has its `rest`. Rejects with a DuologueError. */
export function createChatService({ rest }: { readonly rest: Rest }): ChatService {
  const from = (cursor: string | undefined): { cursor?: string } => (cursor === undefined ? {} : { cursor });
  return {
    getConversations: (cursor) => rest.conversations.list(from(cursor)),
    getMessages: (convId, cursor) => rest.messages.list(convId, from(cursor)),
    sendMessage: (convId, content) => rest.messages.send(convId, { content }),
    markAsRead: (convId) => rest.conversations.markRead(convId),
    blockUser: (username) => rest.blocks.add(username),
  };
}

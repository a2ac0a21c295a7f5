/** What is not edited by facts, but fetched again when one says that it has changed: by those who look at it now, or will. */

import type { DuologueClient, Frame, Id, Message } from '@duologue/client';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { keys } from '../keys.js';

export function refreshRelated(client: DuologueClient, cache: QueryClient, frame: Frame): void {
  for (const queryKey of changedBy(frame, client.user)) cache.invalidateQueries({ queryKey });
}

function changedBy(frame: Frame, user: Id): readonly QueryKey[] {
  const galleries = (conversationId: Id): QueryKey => keys.galleries(user, conversationId);
  switch (frame.type) {
    case 'message.new':
    case 'message.sent':
      return isCollected(frame.payload.message) ? [galleries(frame.payload.message.conversationId)] : [];
    case 'message.deleted':
    case 'conversation.deleted':
      return [galleries(frame.payload.conversationId)];
    case 'conversation.updated':
      return 'hidden' in frame.payload ? [galleries(frame.payload.conversationId), keys.block(user)] : [];
    case 'block.added':
    case 'block.removed':
      return [keys.block(user), keys.blocks(user)];
    case 'resume.reset':
      return [keys.block(user), keys.blocks(user), keys.allGalleries(user), keys.opened(user)];
    default:
      return [];
  }
}

const LIKE_A_LINK = /\S\.\S/;

/** Whether a gallery may show something of it: a file, or what looks like a link. */
const isCollected = ({ media, content }: Message): boolean => media.length > 0 || LIKE_A_LINK.test(content ?? '');

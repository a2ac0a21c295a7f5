/** Which conversations the inbox shows. Pure. */

import type { Conversation } from '@duologue/client';
import { isSameName } from '../address';

export type Filter = 'all' | 'unread';

/** The open one stays among the unread ones when it was read: it would vanish under the reader's hand. */
export function shownOf(
  conversations: readonly Conversation[],
  filter: Filter,
  selected: string | undefined,
): readonly Conversation[] {
  if (filter === 'all') return conversations;
  return conversations.filter(
    ({ unreadCount, otherUser }) => unreadCount > 0 || isSameName(otherUser.username, selected),
  );
}

/** Which conversations the inbox shows. Pure. */

import type { Conversation } from '@duologue/client';

const CHAT = /^\/chat\/([^/]+)\/?$/i;

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

/** Usernames are compared without case. */
export function isSameName(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}

/** Where somebody's conversation is. */
export function pathOf(username: string): string {
  return `/chat/${encodeURIComponent(username)}`;
}

/** Whose conversation is there: `pathOf` the other way. Null: nobody's, or it is no path that `pathOf` makes. */
export function usernameAt(path: string): string | null {
  const written = CHAT.exec(path)?.[1];
  try {
    return written === undefined ? null : decodeURIComponent(written);
  } catch {
    return null;
  }
}

import type { Id } from '@duologue/client';
import { type Messages, useClient, useMarkRead, useStore } from '@duologue/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { newestUnread } from './unread';

/** Marks as read while somebody looks at the newest message. */
export function useReading(conversationId: Id, { items, hasNewer }: Messages): (isSeen: boolean) => void {
  const [isSeen, setSeen] = useState(false);
  const markRead = useMarkRead(conversationId);
  const newest = isSeen && !hasNewer ? newestUnread(items) : null;
  useEffect(() => {
    // One that fails is tried again with the next message, or the next look.
    if (newest !== null) markRead(newest).catch(() => undefined);
  }, [newest, markRead]);
  return setSeen;
}

/** What one sends stands at the end: an older part of the conversation makes room for it. */
export function useBackWhenSending(conversationId: Id, isAway: boolean, onBackToNow: () => void): void {
  const { outbox } = useClient();
  const select = useCallback(
    (entries: ReturnType<typeof outbox.entries.get>) =>
      entries.findLast((entry) => entry.draft.conversationId === conversationId)?.key,
    [conversationId],
  );
  const newest = useStore(outbox.entries, select);
  const known = useRef(newest);
  useEffect(() => {
    if (newest !== undefined && newest !== known.current && isAway) onBackToNow();
    known.current = newest;
  }, [newest, isAway, onBackToNow]);
}

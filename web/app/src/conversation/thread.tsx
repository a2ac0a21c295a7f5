import type { Id } from '@duologue/client';
import { type Messages, useClient, useMarkRead, useMessages, useStore } from '@duologue/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { Spinner } from '../ui/spinner';
import { reasonOf } from './reasons';
import { codeOf } from './refusal';
import styles from './thread.module.css';
import { ThreadSkeleton } from './thread-skeleton';
import { Timeline } from './timeline';
import { newestUnread } from './unread';
import { useOpening } from './use-opening';
import { useRowActions } from './use-row-actions';

export interface ThreadProps {
  readonly conversationId: Id;
  readonly partnerName: string;
  /** Opens around this message instead of at the first unread one. Another one wants another `key`. */
  readonly around: Id | undefined;
  readonly onBackToNow: () => void;
  readonly onLeave: () => void;
}

/** The messages of a conversation: loads them, marks them as read when they are seen. */
export function Thread({ conversationId, partnerName, around, onBackToNow, onLeave }: ThreadProps) {
  const text = useText();
  const messages = useMessages(conversationId, { around });
  const opening = useOpening(messages, around);
  const { actions, dialogs } = useRowActions(conversationId, partnerName);
  const onEndSeen = useReading(conversationId, messages);
  useBackWhenSending(conversationId, messages.hasNewer, onBackToNow);
  if (opening === null) {
    if (messages.error === null || messages.items.length > 0) return <ThreadSkeleton />;
    return <LoadFailed error={messages.error} onRetry={messages.refetch} />;
  }
  const { items, hasOlder, hasNewer, error } = messages;
  if (items.length === 0 && !hasOlder) {
    return (
      <div className={styles.instead}>
        <EmptyState title={text.conversation.empty(partnerName)}>{text.conversation.emptyHint}</EmptyState>
      </div>
    );
  }
  const isFetching = messages.isFetchingOlder || messages.isFetchingNewer;
  const feed = {
    hasOlder,
    hasNewer,
    fetchOlder: messages.fetchOlder,
    fetchNewer: messages.fetchNewer,
    isHeld: isFetching || error !== null,
  };
  const edge =
    error === null ? <Loading /> : <MoreFailed onRetry={hasOlder ? messages.fetchOlder : messages.fetchNewer} />;
  return (
    <>
      <Timeline
        items={items}
        feed={feed}
        opening={opening}
        target={around === undefined ? null : (opening.start?.key ?? null)}
        actions={actions}
        top={hasOlder ? edge : <p className={styles.beginning}>{text.conversation.beginning}</p>}
        bottom={hasNewer ? edge : null}
        onBackToNow={onBackToNow}
        onEndSeen={onEndSeen}
        onLeave={onLeave}
      />
      {dialogs}
    </>
  );
}

/** Marks as read while somebody looks at the newest message. */
function useReading(conversationId: Id, { items, hasNewer }: Messages): (isSeen: boolean) => void {
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
function useBackWhenSending(conversationId: Id, isAway: boolean, onBackToNow: () => void): void {
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

function Loading() {
  return (
    <div className={styles.edge}>
      <Spinner />
    </div>
  );
}

function MoreFailed({ onRetry }: { readonly onRetry: () => Promise<unknown> }) {
  const text = useText();
  return (
    <div className={styles.edge}>
      <span>{text.conversation.moreFailed}</span>
      <Button size="small" onClick={onRetry}>
        {text.ui.retry}
      </Button>
    </div>
  );
}

function LoadFailed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => Promise<unknown> }) {
  const text = useText();
  const actions = <Button onClick={onRetry}>{text.ui.retry}</Button>;
  return (
    <div className={styles.instead}>
      <EmptyState title={text.conversation.loadFailed} actions={actions}>
        {reasonOf(codeOf(error), text)}
      </EmptyState>
    </div>
  );
}

import type { Id } from '@duologue/client';
import { type Messages, useMessages } from '@duologue/react';
import { useRef } from 'react';
import { useText } from '../i18n/locale';
import { EmptyState } from '../ui/empty-state';
import { BeforeLoad, NothingYet } from './before-load';
import { Edge } from './edge';
import styles from './thread.module.css';
import { ThreadFailed } from './thread-failed';
import { ThreadSkeleton } from './thread-skeleton';
import { Timeline } from './timeline';
import { type Opening, useOpening } from './use-opening';
import { useBackWhenSending, useReading } from './use-reading';
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
export function Thread(props: ThreadProps) {
  const { conversationId, partnerName, around, onBackToNow } = props;
  const text = useText();
  const messages = useMessages(conversationId, { around });
  const opening = useOpening(messages, around);
  const onEndSeen = useReading(conversationId, messages);
  useBackWhenSending(conversationId, messages.hasNewer, onBackToNow);
  const { items, hasOlder, error } = messages;
  if (opening === null) {
    if (!messages.isLoaded && items.length > 0)
      return <Loaded key="before" {...props} messages={messages} opening={NOWHERE} onEndSeen={onEndSeen} />;
    if (messages.isOffline) return <NothingYet onRetry={messages.refetch} />;
    if (error === null || items.length > 0) return <ThreadSkeleton />;
    const back = around === undefined ? undefined : onBackToNow;
    return <ThreadFailed error={error} onRetry={messages.refetch} onBackToNow={back} />;
  }
  if (items.length === 0 && !hasOlder) {
    return (
      <div className={styles.instead}>
        <EmptyState title={text.conversation.empty(partnerName)}>{text.conversation.emptyHint}</EmptyState>
      </div>
    );
  }
  return <Loaded {...props} messages={messages} opening={opening} onEndSeen={onEndSeen} />;
}

/** Where to begin as long as nothing says what is unread. */
const NOWHERE: Opening = { start: null, mark: null };

interface LoadedProps extends ThreadProps {
  readonly messages: Messages;
  readonly opening: Opening;
  readonly onEndSeen: (isSeen: boolean) => void;
}

function Loaded({ conversationId, partnerName, around, onBackToNow, onLeave, ...loaded }: LoadedProps) {
  const text = useText();
  const { messages, opening, onEndSeen } = loaded;
  const { items, hasOlder, hasNewer, fetchOlder, fetchNewer, isFetchingOlder, isFetchingNewer } = messages;
  const log = useRef<HTMLDivElement>(null);
  const { actions, dialogs } = useRowActions({ conversationId, partnerName, log, onLeave });
  const isFailed = messages.error !== null;
  const feed = { hasOlder, hasNewer, fetchOlder, fetchNewer, isHeld: isFetchingOlder || isFetchingNewer || isFailed };
  const beginning = messages.isLoaded ? (
    <p className={styles.beginning}>{text.conversation.beginning}</p>
  ) : (
    <BeforeLoad messages={messages} />
  );
  return (
    <>
      <Timeline
        log={log}
        items={items}
        feed={feed}
        opening={opening}
        target={around === undefined ? null : (opening.start?.key ?? null)}
        actions={actions}
        top={hasOlder ? <Edge isFailed={isFailed && !isFetchingOlder} onRetry={fetchOlder} /> : beginning}
        bottom={hasNewer ? <Edge isFailed={isFailed && !isFetchingNewer} onRetry={fetchNewer} /> : null}
        onBackToNow={onBackToNow}
        onEndSeen={onEndSeen}
        onLeave={onLeave}
      />
      {dialogs}
    </>
  );
}

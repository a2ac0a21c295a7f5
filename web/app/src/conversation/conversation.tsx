import type { BlockStatus, Conversation as ConversationData, Id } from '@duologue/client';
import { useBlock, useOpenConversation } from '@duologue/react';
import { Suspense, useCallback, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Composer } from '../composer/composer';
import { useText } from '../i18n/locale';
import { pathOf } from '../inbox/shown';
import { loadPart } from '../ui/load-part';
import { Announcer } from './announcer';
import { BlockedNote } from './blocked-note';
import styles from './conversation.module.css';
import { BackLink, Header } from './header';
import { Refusal } from './refusal';
import { Thread } from './thread';
import { ThreadSkeleton } from './thread-skeleton';

const Galleries = loadPart(async () => (await import('../media/galleries')).Galleries);

export interface ConversationProps {
  readonly username: string;
  /** Opens around this message. */
  readonly around?: Id | undefined;
}

/** The conversation with somebody: opens it, or says why not. */
export function Conversation({ username, around }: ConversationProps) {
  const text = useText();
  const { conversation, error, refetch } = useOpenConversation(username);
  return (
    <section className={styles.conversation} aria-label={text.conversation.with(username)}>
      {conversation === undefined ? (
        <>
          <div className={styles.bar}>
            <BackLink />
          </div>
          {error === null ? <ThreadSkeleton /> : <Refusal username={username} error={error} onRetry={refetch} />}
        </>
      ) : (
        <Opened key={conversation.id} opened={conversation} around={around} />
      )}
    </section>
  );
}

interface OpenedProps {
  readonly opened: ConversationData;
  readonly around: Id | undefined;
}

function Opened({ opened, around }: OpenedProps) {
  const { status } = useBlock(opened.otherUser.username);
  // What was opened says how it was then; the status follows each block and unblock, also those of other devices.
  const conversation = status === undefined ? opened : { ...opened, isBlocked: status.isBlocked };
  const { id, otherUser } = conversation;
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState(around);
  const [target, setTarget] = useState(around);
  const [hasGalleries, setGalleries] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  // Another message in the address: there.
  if (asked !== around) {
    setAsked(around);
    setTarget(around);
  }
  const path = pathOf(otherUser.username);
  const backToNow = useCallback(() => {
    setTarget(undefined);
    if (around !== undefined) navigate(path, { replace: true });
  }, [around, navigate, path]);
  const toComposer = useCallback(() => frame.current?.querySelector('textarea')?.focus(), []);
  const jump = (messageId: Id) => {
    setGalleries(false);
    setTarget(messageId);
  };
  return (
    <div ref={frame} className={styles.frame} data-drop-target>
      <Header conversation={conversation} onGalleries={() => setGalleries(true)} />
      <Thread
        key={target ?? 'now'}
        conversationId={id}
        partnerName={otherUser.displayName}
        around={target}
        onBackToNow={backToNow}
        onLeave={toComposer}
      />
      <Announcer conversationId={id} partnerName={otherUser.displayName} />
      <Writing conversation={conversation} status={status} />
      {hasGalleries ? (
        <Suspense fallback={null}>
          <Galleries conversationId={id} onJump={jump} onClose={() => setGalleries(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}

interface WritingProps {
  readonly conversation: ConversationData;
  /** Undefined until it is known: one may try. */
  readonly status: BlockStatus | undefined;
}

/** Where one writes, or why one cannot. */
function Writing({ conversation, status }: WritingProps) {
  const text = useText();
  const { id, otherUser, isBlocked } = conversation;
  if (isBlocked) return <BlockedNote user={otherUser} />;
  const canWrite = status === undefined || status.canSendMessage;
  const reason = status?.isBlockedBy === true ? text.conversation.reasons.blocked : text.conversation.reasons.privacy;
  return (
    <Composer conversationId={id} username={otherUser.username} {...(canWrite ? {} : { disabledReason: reason })} />
  );
}

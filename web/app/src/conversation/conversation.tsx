import type { BlockStatus, Conversation as ConversationData, Id } from '@duologue/client';
import { useBlock, useOpenConversation } from '@duologue/react';
import { Suspense, useCallback, useRef, useState } from 'react';
import { pathOf } from '../address';
import { Composer } from '../composer/composer';
import { useText } from '../i18n/locale';
import { loadPart } from '../ui/load-part';
import { Announcer } from './announcer';
import { BlockedNote } from './blocked-note';
import styles from './conversation.module.css';
import { BackLink, Header } from './header';
import { Refusal } from './refusal';
import { Thread } from './thread';
import { ThreadSkeleton } from './thread-skeleton';
import { useTarget } from './use-target';

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
  const { target, jump, backToNow } = useTarget(around, pathOf(otherUser.username));
  const [hasGalleries, setGalleries] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const toComposer = useCallback(() => frame.current?.querySelector('textarea')?.focus(), []);
  const jumpFromGallery = (messageId: Id) => {
    setGalleries(false);
    jump(messageId);
  };
  return (
    <div ref={frame} className={styles.frame} data-drop-target>
      <Header conversation={conversation} onGalleries={() => setGalleries(true)} />
      <Thread
        key={target === undefined ? 'now' : `${target.id} ${target.turn}`}
        conversationId={id}
        partnerName={otherUser.displayName}
        around={target?.id}
        onBackToNow={backToNow}
        onLeave={toComposer}
      />
      <Announcer conversationId={id} partnerName={otherUser.displayName} />
      <Writing conversation={conversation} status={status} />
      {hasGalleries ? (
        <Suspense fallback={null}>
          <Galleries conversationId={id} onJump={jumpFromGallery} onClose={() => setGalleries(false)} />
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
  // Nothing but a block makes it known beforehand: whoever has a conversation may try.
  const refused = status?.isBlockedBy === true ? { disabledReason: text.conversation.reasons.blocked } : {};
  return <Composer conversationId={id} username={otherUser.username} {...refused} />;
}

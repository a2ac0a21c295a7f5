import type { TimelineItem } from '@duologue/client';
import { memo } from 'react';
import { useText } from '../i18n/locale';
import { MessageMedia } from '../media/message-media';
import { classNames } from '../ui/class-names';
import { Receipt } from '../ui/receipt';
import { Time } from '../ui/time';
import { VisuallyHidden } from '../ui/visually-hidden';
import { isOwn, timeOf } from './days';
import { FailedNote } from './failed-note';
import { MessageMenu } from './message-menu';
import styles from './message-row.module.css';
import { MessageText } from './message-text';
import type { RowActions } from './row-actions';
import { useRowMenu } from './use-row-menu';
import { WaitNote } from './wait-note';

export interface MessageRowProps {
  readonly item: TimelineItem;
  /** Whether it begins and ends a group of one sender's. */
  readonly starts: boolean;
  readonly ends: boolean;
  /** The one that was jumped to. */
  readonly isTarget: boolean;
  /** The same object while the thread is open. */
  readonly actions: RowActions;
}

function Row({ item, starts, isTarget, actions }: MessageRowProps) {
  const text = useText();
  const menu = useRowMenu();
  const own = isOwn(item);
  return (
    <article
      data-key={item.key}
      data-target={isTarget || undefined}
      tabIndex={-1}
      className={classNames(styles.row, own ? styles.own : styles.theirs, starts && styles.starts)}
      {...menu.events}
    >
      <VisuallyHidden>{own ? text.conversation.you : actions.partnerName}</VisuallyHidden>
      <div className={styles.line}>
        <div className={styles.slip}>
          <Body item={item} />
          <div className={styles.meta}>
            <Time at={new Date(timeOf(item)).toISOString()} />
            {item.status === 'received' ? null : <Receipt status={item.status} />}
          </div>
        </div>
        {menu.isNear ? (
          <MessageMenu item={item} actions={actions} isOpen={menu.isOpen} onOpenChange={menu.setOpen} />
        ) : null}
      </div>
      {item.kind === 'pending' && item.status === 'failed' ? (
        <FailedNote pending={item.pending} actions={actions} />
      ) : null}
      {item.kind === 'pending' && item.status === 'queued' ? <WaitNote pending={item.pending} /> : null}
    </article>
  );
}

/** One message. Typing, presence and other messages do not render it again. */
export const MessageRow = memo(Row, isSame);

function Body({ item }: { readonly item: TimelineItem }) {
  const { content, hasFiles } = partsOf(item);
  return (
    <>
      {hasFiles ? (
        <div className={styles.files}>
          <MessageMedia item={item} />
        </div>
      ) : null}
      {content === '' ? null : <MessageText content={content} />}
    </>
  );
}

function partsOf(item: TimelineItem): { content: string; hasFiles: boolean } {
  if (item.kind === 'pending') {
    const { content, files } = item.pending.draft;
    return { content, hasFiles: (files?.length ?? 0) > 0 };
  }
  const { content, media } = item.message;
  return { content: content ?? '', hasFiles: media.length > 0 };
}

/** The timeline is built anew with each change; what it is built from stays. */
function isSame(before: MessageRowProps, after: MessageRowProps): boolean {
  return (
    before.starts === after.starts &&
    before.ends === after.ends &&
    before.isTarget === after.isTarget &&
    before.actions === after.actions &&
    sourceOf(before.item) === sourceOf(after.item) &&
    before.item.status === after.item.status
  );
}

function sourceOf(item: TimelineItem): object {
  return item.kind === 'message' ? item.message : item.pending;
}

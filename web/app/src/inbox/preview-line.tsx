import type { Conversation, Pending } from '@duologue/client';
import { useClient, useStore } from '@duologue/react';
import File from 'lucide-react/icons/file';
import Image from 'lucide-react/icons/image';
import Video from 'lucide-react/icons/video';
import { useCallback } from 'react';
import { useText } from '../i18n/locale';
import { Receipt, type ReceiptStatus } from '../ui/receipt';
import { oneLine, type Preview, pendingPreview, previewOf } from './preview';
import styles from './preview-line.module.css';
import { useIsTyping } from './use-is-typing';

const ICONS = { image: Image, video: Video, file: File } as const;

/** What happens in a conversation, in one line: somebody types, a draft waits, or the last message. */
export function PreviewLine({ conversation }: { readonly conversation: Conversation }) {
  const { inbox: text } = useText();
  const { drafts } = useClient();
  const isTyping = useIsTyping(conversation.id);
  const draft = useStore(drafts.all, (all) => all.get(conversation.id) ?? '');
  if (isTyping) return <span className={`${styles.line} ${styles.typing}`}>{text.typing}…</span>;
  if (draft.trim() === '') return <LastMessage conversation={conversation} />;
  return (
    <span className={styles.line}>
      <span className={styles.draft}>{text.draft}</span> <bdi>{oneLine(draft)}</bdi>
    </span>
  );
}

function LastMessage({ conversation }: { readonly conversation: Conversation }) {
  const { inbox: text } = useText();
  const { user } = useClient();
  const pending = useNewestPending(conversation.id);
  const { lastMessage } = conversation;
  const own = pending !== undefined || lastMessage?.senderId === user;
  const preview = pending === undefined ? previewOf(lastMessage) : pendingPreview(pending.draft);
  const status: ReceiptStatus = pending?.state ?? (lastMessage?.isRead === true ? 'read' : 'sent');
  return (
    <span className={styles.line}>
      {own && preview.kind !== 'deleted' ? <Receipt status={status} /> : null}
      {own ? <span className={styles.you}>{text.you}</span> : null}
      <PreviewText preview={preview} />
    </span>
  );
}

function PreviewText({ preview: { kind, text: words } }: { readonly preview: Preview }) {
  const { inbox: text } = useText();
  if (kind === 'text') return <bdi>{words}</bdi>;
  if (kind === 'deleted' || kind === 'none') return <i>{text.kinds[kind]}</i>;
  const Icon = ICONS[kind];
  return (
    <>
      <Icon role="img" aria-label={text.kinds[kind]} />
      {words === '' ? <bdi aria-hidden="true">{text.kinds[kind]}</bdi> : <bdi>{words}</bdi>}
    </>
  );
}

function useNewestPending(conversationId: string): Pending | undefined {
  const select = useCallback(
    (entries: readonly Pending[]) => entries.findLast((entry) => entry.draft.conversationId === conversationId),
    [conversationId],
  );
  return useStore(useClient().outbox.entries, select);
}

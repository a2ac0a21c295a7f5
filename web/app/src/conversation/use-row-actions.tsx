import type { Id, Message } from '@duologue/client';
import { useDeleteMessage, useSendMessage } from '@duologue/react';
import { type ReactNode, Suspense, useMemo, useRef, useState } from 'react';
import { useText } from '../i18n/locale';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { loadPart } from '../ui/load-part';
import { useToast } from '../ui/toast';
import type { RowActions } from './row-actions';

const MessageInfo = loadPart(async () => (await import('./message-info')).MessageInfo);

interface Asked {
  readonly what: 'delete' | 'info';
  readonly message: Message;
}

/** What rows can have done, and the dialogs that this opens. */
export function useRowActions(conversationId: Id, partnerName: string): { actions: RowActions; dialogs: ReactNode } {
  const [asked, setAsked] = useState<Asked | null>(null);
  const say = useSaying();
  const { retry, discard } = useSendMessage(conversationId);
  const actions = useMemo<RowActions>(() => {
    return {
      partnerName,
      copy: (content) => {
        navigator.clipboard.writeText(content).then(say.copied, say.notCopied);
      },
      remove: (message) => setAsked({ what: 'delete', message }),
      showInfo: (message) => setAsked({ what: 'info', message }),
      retry: (key) => {
        retry(key).catch(say.failed);
      },
      discard: (key) => {
        discard(key).catch(say.failed);
      },
    };
  }, [partnerName, retry, discard, say]);
  const close = () => setAsked(null);
  const dialogs =
    asked === null ? null : asked.what === 'info' ? (
      <Suspense>
        <MessageInfo message={asked.message} onClose={close} />
      </Suspense>
    ) : (
      <DeleteDialog message={asked.message} partnerName={partnerName} onClose={close} />
    );
  return { actions, dialogs };
}

interface DeleteDialogProps {
  readonly message: Message;
  readonly partnerName: string;
  readonly onClose: () => void;
}

function DeleteDialog({ message, partnerName, onClose }: DeleteDialogProps) {
  const { conversation: text } = useText();
  const { mutate, isPending } = useDeleteMessage();
  const toasts = useToast();
  const remove = () => {
    mutate(message.id, {
      onSuccess: onClose,
      onError: () => toasts.show({ text: text.deleteFailed, tone: 'danger' }),
    });
  };
  return (
    <ConfirmDialog
      title={text.deleteTitle}
      confirmLabel={text.delete}
      isDanger
      isBusy={isPending}
      onConfirm={remove}
      onCancel={onClose}
    >
      {text.deleteText(partnerName)}
    </ConfirmDialog>
  );
}

/** Notes in today's language behind functions that stay the same. */
function useSaying() {
  const { conversation: text } = useText();
  const toasts = useToast();
  const latest = useRef({ text, toasts });
  latest.current = { text, toasts };
  return useMemo(() => {
    const show = (what: 'copied' | 'notCopied' | 'failed', tone: 'good' | 'danger') => () => {
      const { current } = latest;
      current.toasts.show({ text: current.text[what], tone });
    };
    return { copied: show('copied', 'good'), notCopied: show('notCopied', 'danger'), failed: show('failed', 'danger') };
  }, []);
}

import type { Id, Message } from '@duologue/client';
import { useDeleteMessage, useSendMessage } from '@duologue/react';
import { type ReactNode, type RefObject, Suspense, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useText } from '../i18n/locale';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { loadPart } from '../ui/load-part';
import { useToast } from '../ui/toast';
import type { RowActions } from './row-actions';
import { focusFirst, heirsOf } from './row-focus';

const MessageInfo = loadPart(async () => (await import('./message-info')).MessageInfo);

type Asked =
  | { readonly what: 'info'; readonly message: Message }
  | { readonly what: 'delete'; readonly message: Message; readonly heirs: readonly string[] };

export interface RowActionsOptions {
  readonly conversationId: Id;
  readonly partnerName: string;
  /** Where the rows stand. */
  readonly log: RefObject<HTMLElement | null>;
  /** Where the focus goes when no row is left. */
  readonly onLeave: () => void;
}

/** What rows can have done, and the dialogs that this opens. */
export function useRowActions(options: RowActionsOptions): { actions: RowActions; dialogs: ReactNode } {
  const { conversationId, partnerName, log, onLeave } = options;
  const [asked, setAsked] = useState<Asked | null>(null);
  const say = useSaying();
  const { retry, discard } = useSendMessage(conversationId);
  const actions = useMemo<RowActions>(() => {
    return {
      partnerName,
      copy: (content) => {
        navigator.clipboard.writeText(content).then(say.copied, say.notCopied);
      },
      remove: (message, key) => setAsked({ what: 'delete', message, heirs: heirsOf(log.current, key) }),
      showInfo: (message) => setAsked({ what: 'info', message }),
      retry: (key) => {
        retry(key).catch(say.failed);
      },
      discard: (key) => {
        discard(key).catch(say.failed);
      },
    };
  }, [partnerName, log, retry, discard, say]);
  const close = () => setAsked(null);
  const inherit = (heirs: readonly string[]) => {
    // The dialog is gone, and has given the focus back, before it goes on to the heir.
    flushSync(close);
    if (!focusFirst(log.current, heirs)) onLeave();
  };
  const dialogs =
    asked === null ? null : asked.what === 'info' ? (
      <Info message={asked.message} onClose={close} />
    ) : (
      <DeleteDialog {...asked} partnerName={partnerName} onClose={close} onDeleted={() => inherit(asked.heirs)} />
    );
  return { actions, dialogs };
}

function Info(props: { readonly message: Message; readonly onClose: () => void }) {
  return (
    <Suspense>
      <MessageInfo {...props} />
    </Suspense>
  );
}

interface DeleteDialogProps {
  readonly message: Message;
  readonly partnerName: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

function DeleteDialog({ message, partnerName, onClose, onDeleted }: DeleteDialogProps) {
  const { conversation: text } = useText();
  const { mutateAsync, isPending } = useDeleteMessage();
  const toasts = useToast();
  const remove = () => {
    // Also when this was unmounted meanwhile: the last message takes the thread with it.
    mutateAsync(message.id).then(onDeleted, () => toasts.show({ text: text.deleteFailed, tone: 'danger' }));
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

import type { Conversation } from '@duologue/client';
import { useBlock, useDeleteConversation } from '@duologue/react';
import Ban from 'lucide-react/icons/ban';
import Trash2 from 'lucide-react/icons/trash-2';
import Undo2 from 'lucide-react/icons/undo-2';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n/locale';
import { ConfirmDialog } from '../ui/confirm-dialog';
import type { MenuItem } from '../ui/menu';
import { useToast } from '../ui/toast';
import { useFollowItems } from './follow-items';

type Asked = 'block' | 'unblock' | 'delete' | null;

/** What can be done with a conversation as a whole, and the dialogs that ask before. */
export function useConversationMenu(
  conversation: Conversation,
  onDeleted?: () => void,
): { readonly items: readonly MenuItem[]; readonly dialogs: ReactNode } {
  const { inbox: text } = useText();
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  const block: MenuItem = conversation.isBlocked
    ? { id: 'unblock', label: text.unblock, icon: <Undo2 />, onSelect: () => setAsked('unblock') }
    : { id: 'block', label: text.block, icon: <Ban />, onSelect: () => setAsked('block') };
  const follow = useFollowItems(conversation.otherUser);
  const items: MenuItem[] = [
    ...follow,
    block,
    { id: 'delete', label: text.delete, icon: <Trash2 />, isDanger: true, onSelect: () => setAsked('delete') },
  ];
  const dialogs =
    asked === null ? null : asked === 'delete' ? (
      <DeleteDialog conversation={conversation} onClose={close} onDeleted={onDeleted} />
    ) : (
      <BlockDialog conversation={conversation} isBlocking={asked === 'block'} onClose={close} />
    );
  return { items, dialogs };
}

interface DialogProps {
  readonly conversation: Conversation;
  readonly onClose: () => void;
}

function BlockDialog({ conversation, isBlocking, onClose }: DialogProps & { readonly isBlocking: boolean }) {
  const { inbox: text } = useText();
  const { username, displayName } = conversation.otherUser;
  const { block, unblock, isPending } = useBlock(username);
  const toasts = useToast();
  const change = () => {
    const failed = () => toasts.show({ text: text.changeFailed, tone: 'danger' });
    (isBlocking ? block() : unblock()).then(onClose, failed);
  };
  return (
    <ConfirmDialog
      title={isBlocking ? text.blockTitle(displayName) : text.unblockTitle(displayName)}
      confirmLabel={isBlocking ? text.block : text.unblock}
      isDanger={isBlocking}
      isBusy={isPending}
      onConfirm={change}
      onCancel={onClose}
    >
      {isBlocking ? text.blockText : text.unblockText}
    </ConfirmDialog>
  );
}

function DeleteDialog({
  conversation,
  onClose,
  onDeleted,
}: DialogProps & { readonly onDeleted: (() => void) | undefined }) {
  const { inbox: text } = useText();
  const { displayName } = conversation.otherUser;
  const { mutateAsync, isPending } = useDeleteConversation();
  const toasts = useToast();
  const remove = () => {
    const done = () => {
      onClose();
      onDeleted?.();
    };
    // Also when this was unmounted meanwhile: the fact that takes the row away may come before the answer.
    mutateAsync(conversation.id).then(done, () => toasts.show({ text: text.changeFailed, tone: 'danger' }));
  };
  return (
    <ConfirmDialog
      title={text.deleteTitle(displayName)}
      confirmLabel={text.delete}
      isDanger
      isBusy={isPending}
      onConfirm={remove}
      onCancel={onClose}
    >
      {text.deleteText(displayName)}
    </ConfirmDialog>
  );
}

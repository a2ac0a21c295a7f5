import type { TimelineItem } from '@duologue/client';
import Copy from 'lucide-react/icons/copy';
import Ellipsis from 'lucide-react/icons/ellipsis';
import Info from 'lucide-react/icons/info';
import RotateCcw from 'lucide-react/icons/rotate-ccw';
import Trash2 from 'lucide-react/icons/trash-2';
import type { Catalogue } from '../i18n/en';
import { useText } from '../i18n/locale';
import { Menu, type MenuItem } from '../ui/menu';
import { isOwn } from './days';
import type { RowActions } from './row-actions';

interface MessageMenuProps {
  readonly item: TimelineItem;
  readonly actions: RowActions;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

/** What can be done with a message. */
export function MessageMenu({ item, actions, isOpen, onOpenChange }: MessageMenuProps) {
  const text = useText();
  return (
    <Menu
      label={text.conversation.messageMenu}
      icon={<Ellipsis />}
      items={itemsOf(item, actions, text)}
      button={{ size: 'small', tooltip: 'none', tabIndex: -1 }}
      isOpen={isOpen}
      onOpenChange={onOpenChange}
    />
  );
}

function itemsOf(item: TimelineItem, actions: RowActions, { conversation: text }: Catalogue): MenuItem[] {
  const content = item.kind === 'message' ? item.message.content : item.pending.draft.content;
  const copy = { id: 'copy', label: text.copy, icon: <Copy />, onSelect: () => actions.copy(content ?? '') };
  const copies = content === null || content === '' ? [] : [copy];
  return [...copies, ...(item.kind === 'pending' ? ofPending(item, actions, text) : ofMessage(item, actions, text))];
}

function ofMessage(
  item: Extract<TimelineItem, { kind: 'message' }>,
  actions: RowActions,
  text: Catalogue['conversation'],
): MenuItem[] {
  const { key, message } = item;
  const info = { id: 'info', label: text.info, icon: <Info />, onSelect: () => actions.showInfo(message) };
  if (!isOwn(item)) return [info];
  const remove = { id: 'delete', label: text.delete, icon: <Trash2 />, isDanger: true };
  return [info, { ...remove, onSelect: () => actions.remove(message, key) }];
}

function ofPending(
  { key, status }: Extract<TimelineItem, { kind: 'pending' }>,
  actions: RowActions,
  text: Catalogue['conversation'],
): MenuItem[] {
  const discard = { id: 'discard', label: text.discard, icon: <Trash2 />, isDanger: true };
  const last = { ...discard, onSelect: () => actions.discard(key) };
  if (status !== 'failed') return [last];
  return [{ id: 'retry', label: text.retry, icon: <RotateCcw />, onSelect: () => actions.retry(key) }, last];
}

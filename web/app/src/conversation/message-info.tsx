import type { Message } from '@duologue/client';
import { useClient } from '@duologue/react';
import { useText } from '../i18n/locale';
import { Dialog } from '../ui/dialog';
import { Time } from '../ui/time';
import styles from './message-info.module.css';

/** When a message was sent, and how far it has come. The server tells no time of delivery. */
export function MessageInfo({ message, onClose }: { readonly message: Message; readonly onClose: () => void }) {
  const { conversation: text } = useText();
  const own = message.senderId === useClient().user;
  const isDelivered = message.status !== 'sent';
  return (
    <Dialog title={text.info} size="small" onClose={onClose}>
      <dl className={styles.list}>
        <dt>{own ? text.receipts.sent : text.received}</dt>
        <dd>
          <Time at={message.createdAt} style="full" />
        </dd>
        {own ? (
          <>
            <dt>{text.receipts.delivered}</dt>
            <dd>{isDelivered ? text.yes : text.notYet}</dd>
            <dt>{text.receipts.read}</dt>
            <dd>{message.readAt === undefined ? text.notYet : <Time at={message.readAt} style="full" />}</dd>
          </>
        ) : null}
      </dl>
    </Dialog>
  );
}

import type { TimelineItem } from '@duologue/client';
import Check from 'lucide-react/icons/check';
import CheckCheck from 'lucide-react/icons/check-check';
import CircleAlert from 'lucide-react/icons/circle-alert';
import Clock3 from 'lucide-react/icons/clock-3';
import SendHorizontal from 'lucide-react/icons/send-horizontal';
import { useText } from '../i18n/locale';
import styles from './receipt.module.css';

export type ReceiptStatus = Exclude<TimelineItem['status'], 'received'>;

const ICONS = {
  queued: Clock3,
  sending: SendHorizontal,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
} as const satisfies Record<ReceiptStatus, unknown>;

/** How far a message of one's own has come. */
export function Receipt({ status }: { readonly status: ReceiptStatus }) {
  const text = useText();
  const Icon = ICONS[status];
  const label = text.conversation.receipts[status];
  return (
    <span role="img" aria-label={label} title={label} className={styles.receipt} data-status={status}>
      <Icon aria-hidden="true" />
    </span>
  );
}

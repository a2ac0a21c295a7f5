import type { Pending } from '@duologue/client';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import styles from './failed-note.module.css';
import { reasonOf } from './reasons';
import type { RowActions } from './row-actions';

/** Why a message was not sent, and what to do. */
export function FailedNote({ pending, actions }: { readonly pending: Pending; readonly actions: RowActions }) {
  const text = useText();
  return (
    <div className={styles.note}>
      <span className={styles.reason}>{reasonOf(pending.error?.code, 'message', text)}</span>
      <Button size="small" onClick={() => actions.retry(pending.key)}>
        {text.conversation.retry}
      </Button>
      <Button size="small" onClick={() => actions.discard(pending.key)}>
        {text.conversation.discard}
      </Button>
    </div>
  );
}

import type { User } from '@duologue/client';
import { useBlock } from '@duologue/react';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { useToast } from '../ui/toast';
import styles from './blocked-note.module.css';

/** In place of the composer while one blocks the other: why, and the way back. */
export function BlockedNote({ user }: { readonly user: User }) {
  const text = useText();
  const { unblock, isPending } = useBlock(user.username);
  const toasts = useToast();
  const failed = () => toasts.show({ text: text.inbox.changeFailed, tone: 'danger' });
  const change = () => unblock().catch(failed);
  return (
    <div className={styles.note} role="status">
      <p>{text.conversation.youBlocked(user.displayName)}</p>
      <Button size="small" isBusy={isPending} onClick={change}>
        {text.inbox.unblock}
      </Button>
    </div>
  );
}

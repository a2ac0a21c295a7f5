import type { Id } from '@duologue/client';
import MessageCircleOff from 'lucide-react/icons/message-circle-off';
import styles from './composer.module.css';
import { ComposerForm } from './composer-form';

export interface ComposerProps {
  readonly conversationId: Id;
  /** Of the partner. */
  readonly username: string;
  /** Why nothing can be written here, in words; absent when it can. */
  readonly disabledReason?: string | undefined;
}

/**
 * Where a message is written. Files may be dropped on the nearest ancestor with `data-drop-target`, which must be positioned;
 * without one, on the composer's parent.
 */
export function Composer({ conversationId, username, disabledReason }: ComposerProps) {
  if (disabledReason === undefined) {
    return <ComposerForm key={conversationId} conversationId={conversationId} username={username} />;
  }
  return (
    <div className={styles.refusal} role="status">
      <MessageCircleOff aria-hidden="true" />
      <p>{disabledReason}</p>
    </div>
  );
}

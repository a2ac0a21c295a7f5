import { DuologueError } from '@duologue/client';
import { Link } from 'wouter';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { reasonOf } from './reasons';
import styles from './refusal.module.css';

interface RefusalProps {
  readonly username: string;
  readonly error: Error;
  readonly onRetry: () => Promise<unknown>;
}

/** Why there is no conversation with somebody, in words, and what to do. */
export function Refusal({ username, error, onRetry }: RefusalProps) {
  const text = useText();
  const isFinal = error instanceof DuologueError && !error.isRetryable;
  const actions = isFinal ? (
    <Link href="/" className={styles.back}>
      {text.conversation.backToInbox}
    </Link>
  ) : (
    <Button variant="solid" onClick={onRetry}>
      {text.ui.retry}
    </Button>
  );
  return (
    <div className={styles.refusal} role="status">
      <EmptyState
        title={isFinal ? text.conversation.refused(username) : text.conversation.loadFailed}
        actions={actions}
      >
        {reasonOf(codeOf(error), 'person', text)}
      </EmptyState>
    </div>
  );
}

/** The stable code of what went wrong; undefined: not the server's. */
function codeOf(error: Error | null): string | undefined {
  return error instanceof DuologueError ? error.code : undefined;
}

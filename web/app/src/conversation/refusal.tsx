import { DuologueError } from '@duologue/client';
import { Link } from 'wouter';
import { useText } from '../i18n/locale';
import { useFollow } from '../inbox/use-follow';
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
    <>
      {codeOf(error) === 'FORBIDDEN' ? <FollowButton username={username} onFollowed={onRetry} /> : null}
      <Link href="/" className={styles.back}>
        {text.conversation.backToInbox}
      </Link>
    </>
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

/** They may take messages from their followers alone: whether they do is only told by trying. */
function FollowButton({ username, onFollowed }: { readonly username: string; readonly onFollowed: () => unknown }) {
  const { inbox: text } = useText();
  const { follow } = useFollow(username, username);
  const press = async () => {
    if (await follow()) onFollowed();
  };
  return <Button onClick={() => press()}>{text.follow}</Button>;
}

/** The stable code of what went wrong; undefined: not the server's. */
function codeOf(error: Error | null): string | undefined {
  return error instanceof DuologueError ? error.code : undefined;
}

import { DuologueError } from '@duologue/client';
import { describeError } from '../i18n/describe-error';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import styles from './thread.module.css';

interface ThreadFailedProps {
  readonly error: Error;
  readonly onRetry: () => Promise<unknown>;
  /** Undefined: the newest messages are what could not be loaded. */
  readonly onBackToNow: (() => void) | undefined;
}

/** In place of messages that could not be loaded: why, and the ways on. */
export function ThreadFailed({ error, onRetry, onBackToNow }: ThreadFailedProps) {
  const text = useText();
  const { conversation } = text;
  const isGone = onBackToNow !== undefined && error instanceof DuologueError && error.code === 'NOT_FOUND';
  const actions = (
    <>
      {isGone ? null : <Button onClick={onRetry}>{text.ui.retry}</Button>}
      {onBackToNow === undefined ? null : <Button onClick={onBackToNow}>{conversation.backToNow}</Button>}
    </>
  );
  return (
    <div className={styles.instead} role="status">
      <EmptyState title={isGone ? conversation.goneTitle : conversation.loadFailed} actions={actions}>
        {isGone ? conversation.gone : describeError(text, error)}
      </EmptyState>
    </div>
  );
}

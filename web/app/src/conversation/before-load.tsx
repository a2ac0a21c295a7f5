import type { Messages } from '@duologue/react';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { Edge } from './edge';
import styles from './thread.module.css';

/** Above what waits to be sent, as long as nothing else is there: why not. */
export function BeforeLoad({ messages: { isOffline, error, refetch } }: { readonly messages: Messages }) {
  const text = useText();
  if (!isOffline) return <Edge isFailed={error !== null} onRetry={refetch} />;
  return (
    <p className={styles.edge} role="status">
      {text.conversation.comesLater}
    </p>
  );
}

/** In place of a thread of which nothing could be loaded without a connection: it comes by itself. */
export function NothingYet({ onRetry }: { readonly onRetry: () => Promise<unknown> }) {
  const text = useText();
  const actions = <Button onClick={onRetry}>{text.ui.retry}</Button>;
  return (
    <div className={styles.instead} role="status">
      <EmptyState title={text.conversation.comesLaterTitle} actions={actions}>
        {text.conversation.comesLater}
      </EmptyState>
    </div>
  );
}

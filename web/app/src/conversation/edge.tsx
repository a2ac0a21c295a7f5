import { useText } from '../i18n/locale';
import { MoreFailed } from '../ui/load-failed';
import { Spinner } from '../ui/spinner';
import styles from './thread.module.css';

interface EdgeProps {
  readonly isFailed: boolean;
  /** Tries the messages beyond this edge again. */
  readonly onRetry: () => Promise<unknown>;
}

/** Where messages end that are loaded, and more are on their way or failed to come. */
export function Edge({ isFailed, onRetry }: EdgeProps) {
  const text = useText();
  if (!isFailed) {
    return (
      <div className={styles.edge}>
        <Spinner />
      </div>
    );
  }
  return <MoreFailed title={text.conversation.moreFailed} onRetry={onRetry} />;
}

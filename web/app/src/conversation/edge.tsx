import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
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
  return (
    <div className={styles.edge}>
      <span>{text.conversation.moreFailed}</span>
      <Button size="small" onClick={onRetry}>
        {text.ui.retry}
      </Button>
    </div>
  );
}

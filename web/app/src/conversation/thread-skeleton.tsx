import { useText } from '../i18n/locale';
import { Skeleton } from '../ui/skeleton';
import { VisuallyHidden } from '../ui/visually-hidden';
import styles from './thread-skeleton.module.css';

const LINES = ['9rem', '15rem', '12rem', '7rem', '17rem', '10rem', '13rem'] as const;

/** The place of a thread that loads. */
export function ThreadSkeleton() {
  const text = useText();
  return (
    <div className={styles.thread} aria-busy="true">
      <VisuallyHidden role="status">{text.ui.loading}</VisuallyHidden>
      {LINES.map((width, index) => (
        <div key={width} className={index % 3 === 1 ? styles.own : undefined}>
          <Skeleton shape="block" width={width} height="2.75rem" />
        </div>
      ))}
    </div>
  );
}

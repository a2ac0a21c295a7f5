import { useText } from '../i18n/locale';
import { Skeleton } from '../ui/skeleton';
import { VisuallyHidden } from '../ui/visually-hidden';
import styles from './inbox-skeleton.module.css';

const WIDTHS = ['11rem', '8rem', '13rem', '9rem', '12rem', '7rem'] as const;

/** The place of conversations that load. */
export function InboxSkeleton() {
  const text = useText();
  return (
    <div className={styles.list} aria-busy="true">
      <VisuallyHidden role="status">{text.ui.loading}</VisuallyHidden>
      {WIDTHS.map((width) => (
        <div key={width} className={styles.row}>
          <Skeleton shape="circle" />
          <div className={styles.lines}>
            <Skeleton width="6rem" />
            <Skeleton width={width} />
          </div>
        </div>
      ))}
    </div>
  );
}

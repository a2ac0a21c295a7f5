import type { ReactNode } from 'react';
import { useText } from '../i18n/locale';
import { Button } from './button';
import { EmptyState } from './empty-state';
import styles from './load-failed.module.css';

interface LoadFailedProps {
  readonly onRetry: () => Promise<unknown>;
  /** What could not be loaded, in a sentence. */
  readonly title?: string | undefined;
  /** Why, and what is safe all the same. */
  readonly children?: ReactNode;
}

/** In place of what could not be loaded. */
export function LoadFailed({ onRetry, title, children }: LoadFailedProps) {
  const { ui } = useText();
  return (
    <div role="alert">
      <EmptyState title={title ?? ui.loadFailed} actions={<Button onClick={onRetry}>{ui.retry}</Button>}>
        {children}
      </EmptyState>
    </div>
  );
}

/** At the end of a list that goes on. */
export function MoreFailed({ onRetry, title }: Omit<LoadFailedProps, 'children'>) {
  const { ui } = useText();
  return (
    <div role="alert" className={styles.more}>
      <span>{title ?? ui.moreFailed}</span>
      <Button size="small" onClick={onRetry}>
        {ui.retry}
      </Button>
    </div>
  );
}

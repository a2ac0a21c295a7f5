import type { ComponentProps } from 'react';
import styles from './visually-hidden.module.css';

/** Said to a screen reader, not shown. Takes what a `span` takes: `role`, `aria-live`, `id`. */
export function VisuallyHidden(props: Omit<ComponentProps<'span'>, 'className'>) {
  return <span {...props} className={styles.hidden} />;
}

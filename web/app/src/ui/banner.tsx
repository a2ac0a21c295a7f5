import type { ReactNode } from 'react';
import styles from './banner.module.css';
import { classNames } from './class-names';

export interface BannerProps {
  readonly tone?: 'neutral' | 'warning' | 'danger' | 'good';
  readonly icon?: ReactNode;
  readonly children: ReactNode;
  /** Buttons. */
  readonly actions?: ReactNode;
}

/** One line about the state of a whole area. Tell a screen reader yourself where it matters: it is no live region. */
export function Banner({ tone = 'neutral', icon, children, actions }: BannerProps) {
  return (
    <div className={classNames(styles.banner, styles[tone])}>
      {icon === undefined ? null : (
        <span className={styles.icon} aria-hidden="true">
          {icon}
        </span>
      )}
      <div className={styles.text}>{children}</div>
      {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

import { useState } from 'react';
import styles from './avatar.module.css';
import { classNames } from './class-names';
import { clothOf, initialsOf } from './initials';

export interface AvatarProps {
  readonly name: string;
  /** An address; empty: none. */
  readonly src?: string | undefined;
  readonly size?: 'small' | 'medium' | 'large' | 'huge';
  /** Undefined: unknown, or not to be known; then there is no dot. */
  readonly isOnline?: boolean | undefined;
  /** What the dot means, for a screen reader; without it the text beside says so. */
  readonly presenceLabel?: string | undefined;
}

/** A face, or initials on cloth. Decoration: the name stands beside it. */
export function Avatar({ name, src, size = 'medium', isOnline, presenceLabel }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const hasImage = src !== undefined && src !== '' && src !== broken;
  return (
    <span className={classNames(styles.avatar, styles[size], hasImage ? styles.picture : styles[clothOf(name)])}>
      {hasImage ? (
        <img src={src} alt="" loading="lazy" decoding="async" draggable={false} onError={() => setBroken(src)} />
      ) : (
        <span className={styles.initials} aria-hidden="true">
          {initialsOf(name)}
        </span>
      )}
      {isOnline === true ? (
        <span
          className={styles.online}
          role={presenceLabel === undefined ? undefined : 'img'}
          aria-label={presenceLabel}
          aria-hidden={presenceLabel === undefined || undefined}
        />
      ) : null}
    </span>
  );
}

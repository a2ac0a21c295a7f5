import styles from './mark.module.css';

/** Two people, face to face; one has just answered. Decoration: the name stands beside it. */
export function Mark({ size }: { readonly size?: string }) {
  return (
    <svg
      viewBox="12 8 40 48"
      aria-hidden="true"
      focusable="false"
      className={styles.mark}
      style={size === undefined ? undefined : { blockSize: size }}
    >
      <path d="M30 9a17 17 0 0 0 0 34z" />
      <path className={styles.voice} d="M34 21a17 17 0 0 1 0 34z" />
    </svg>
  );
}

import styles from './spinner.module.css';
import { VisuallyHidden } from './visually-hidden';

/** Something is under way and nobody knows how long. `label` says what; without one it is decoration. */
export function Spinner({ label }: { readonly label?: string }) {
  return (
    <span className={styles.spinner} role={label === undefined ? undefined : 'status'}>
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <circle className={styles.track} cx="12" cy="12" r="9" />
        <path d="M12 3a9 9 0 0 1 9 9" />
      </svg>
      {label === undefined ? null : <VisuallyHidden>{label}</VisuallyHidden>}
    </span>
  );
}

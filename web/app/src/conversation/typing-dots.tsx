import styles from './typing-dots.module.css';

/** Three dots that wait. Decoration: the word stands beside it. */
export function TypingDots() {
  return (
    <span aria-hidden="true" className={styles.dots}>
      <i />
      <i />
      <i />
    </span>
  );
}

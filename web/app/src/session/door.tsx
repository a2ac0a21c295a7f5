import type { ReactNode } from 'react';
import { Mark } from '../ui/mark';
import styles from './door.module.css';
import { useSessionText } from './texts';

interface DoorProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Why one stands here. */
  readonly notice?: string | undefined;
}

/** The page before the conversation: the title page of a play. */
export function Door({ title, notice, children }: DoorProps) {
  const session = useSessionText();
  return (
    <main className={styles.door}>
      <header className={styles.stage}>
        <Mark size="3.5rem" />
        <p className={styles.name}>Duologue</p>
        <p className={styles.tagline}>{session.tagline}</p>
      </header>
      <section className={styles.contents}>
        <h1 className={styles.title}>{title}</h1>
        {notice === undefined ? null : (
          <p role="status" className={styles.notice}>
            {notice}
          </p>
        )}
        {children}
      </section>
    </main>
  );
}

import Paperclip from 'lucide-react/icons/paperclip';
import type { RefObject } from 'react';
import { createPortal } from 'react-dom';
import { useText } from '../../i18n/locale';
import styles from './drop-veil.module.css';

/** Over the whole conversation while files are dragged across it. The pointer goes through it, so that nothing flickers. */
export function DropVeil({ over }: { readonly over: RefObject<HTMLElement | null> }) {
  const text = useText().composer.drop;
  if (over.current === null) return null;
  return createPortal(
    <div className={styles.veil} aria-hidden="true">
      <div className={styles.frame}>
        <Paperclip />
        <strong className={styles.title}>{text.title}</strong>
        <span>{text.hint}</span>
      </div>
    </div>,
    over.current,
  );
}

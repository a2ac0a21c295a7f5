import ArrowDown from 'lucide-react/icons/arrow-down';
import { useLocale, useText } from '../i18n/locale';
import { shortCount } from '../ui/short-count';
import styles from './end-button.module.css';

interface EndButtonProps {
  readonly isShown: boolean;
  /** New ones below; 0 says nothing. */
  readonly count: number;
  /** Shown beside the arrow. */
  readonly label?: string;
  readonly onPress: () => void;
}

/** Down to the newest message. */
export function EndButton({ isShown, count, label, onPress }: EndButtonProps) {
  const text = useText();
  const { formats } = useLocale();
  if (!isShown) return null;
  const name = count > 0 ? text.conversation.newBelow(count) : text.conversation.toNewest;
  return (
    <button type="button" className={styles.button} aria-label={label ?? name} title={label ?? name} onClick={onPress}>
      {label === undefined ? null : <span>{label}</span>}
      <ArrowDown aria-hidden="true" />
      {count > 0 ? (
        <span aria-hidden="true" data-figures className={styles.count}>
          {shortCount(count, formats)}
        </span>
      ) : null}
    </button>
  );
}

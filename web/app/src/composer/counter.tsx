import { useText } from '../i18n/locale';
import { classNames } from '../ui/class-names';
import { VisuallyHidden } from '../ui/visually-hidden';
import styles from './composer.module.css';
import { COUNTER_FROM, MAX_TEXT } from './limits';

interface CounterProps {
  readonly id: string;
  /** Code points. */
  readonly count: number;
}

/** How much room is left, once it gets tight. It speaks when there is none: not on every key. */
export function Counter({ id, count }: CounterProps) {
  const text = useText().composer;
  const left = MAX_TEXT - count;
  const shown = left < 0 ? text.tooLong(-left) : text.charactersLeft(left);
  return (
    <>
      <span id={id} data-figures="" className={classNames(styles.counter, left < 0 && styles.over)}>
        {left < COUNTER_FROM ? shown : null}
      </span>
      <VisuallyHidden role="status">{left < 0 ? text.overLimit : ''}</VisuallyHidden>
    </>
  );
}

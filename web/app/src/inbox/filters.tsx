import { useText } from '../i18n/locale';
import styles from './filters.module.css';
import type { Filter } from './shown';

export type { Filter } from './shown';

const FILTERS = ['all', 'unread'] as const;

interface FiltersProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

/** All conversations, or those with something unread. */
export function Filters({ filter, onChange }: FiltersProps) {
  const { inbox: text } = useText();
  return (
    <fieldset className={styles.filters}>
      <legend className={styles.legend}>{text.filter}</legend>
      {FILTERS.map((one) => (
        <label key={one} className={styles.filter}>
          <input
            type="radio"
            name="inbox-filter"
            value={one}
            checked={one === filter}
            className={styles.input}
            onChange={() => onChange(one)}
          />
          <span>{text[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

import X from 'lucide-react/icons/x';
import type { Catalogue } from '../../i18n/en';
import { useText } from '../../i18n/locale';
import { IconButton } from '../../ui/icon-button';
import { MB } from '../limits';
import type { Refusal } from './checks';
import styles from './refusals.module.css';

type Words = Catalogue['composer']['refused'];

/** Why a file was not taken, and what to do about it. */
function refusalText(words: Words, { name, reason, limit = 0 }: Refusal): string {
  switch (reason) {
    case 'size':
    case 'together':
      return words[reason](name, Math.round(limit / MB));
    case 'count':
    case 'images':
      return words[reason](name, limit);
    case 'folder':
      return words.folder;
    default:
      return words[reason](name);
  }
}

interface RefusalListProps {
  readonly refusals: readonly Refusal[];
  readonly onDismiss: () => void;
}

/** Each reason once, and a way to put them away. */
export function RefusalList({ refusals, onDismiss }: RefusalListProps) {
  const text = useText();
  return (
    <div className={styles.refusals}>
      <div className={styles.words}>
        <strong>{text.composer.refused.title}</strong>
        <ul className={styles.list}>
          {[...new Set(refusals.map((refusal) => refusalText(text.composer.refused, refusal)))].map((line) => (
            <li key={line}>
              <bdi>{line}</bdi>
            </li>
          ))}
        </ul>
      </div>
      <IconButton size="small" tooltip="none" label={text.ui.close} icon={<X />} onClick={onDismiss} />
    </div>
  );
}

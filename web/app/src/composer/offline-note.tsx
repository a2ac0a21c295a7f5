import { useConnection } from '@duologue/react';
import { CloudOff } from 'lucide-react';
import { useText } from '../i18n/locale';
import styles from './composer.module.css';

/** While there is no connection: writing is still of use. */
export function OfflineNote() {
  const { state } = useConnection();
  const text = useText().composer;
  const isOffline = state === 'offline' || state === 'waiting';
  return (
    <div role="status">
      {isOffline ? (
        <p className={styles.note}>
          <CloudOff aria-hidden="true" />
          {text.offline}
        </p>
      ) : null}
    </div>
  );
}

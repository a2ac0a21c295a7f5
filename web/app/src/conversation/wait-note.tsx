import type { ConnectionState, Pending } from '@duologue/client';
import { useConnection } from '@duologue/react';
import { useEffect, useState } from 'react';
import type { Catalogue } from '../i18n/en';
import { useText } from '../i18n/locale';
import styles from './wait-note.module.css';

/** Why a message still waits, and how long. Says nothing where it is simply its turn next. */
export function WaitNote({ pending }: { readonly pending: Pending }) {
  const text = useText().conversation.waiting;
  const { state } = useConnection();
  const seconds = useSecondsUntil(pending.notBefore);
  const reason = reasonToWait(pending.error?.code, state, seconds, text);
  if (reason === null) return null;
  return (
    <p className={styles.note} data-figures="">
      {reason}
    </p>
  );
}

function reasonToWait(
  code: string | undefined,
  state: ConnectionState,
  seconds: number,
  text: Catalogue['conversation']['waiting'],
): string | null {
  if (state === 'offline' || state === 'waiting' || state === 'stopped') return text.connection;
  if (seconds === 0) return null;
  return code === 'RATE_LIMITED' ? text.limited(seconds) : text.again(seconds);
}

/** Whole seconds, counted down; 0 when it is past, or nothing is waited for. `time` in milliseconds since the epoch. */
function useSecondsUntil(time = 0): number {
  const [now, setNow] = useState(() => Date.now());
  const isAhead = time > now;
  useEffect(() => {
    if (!isAhead) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isAhead]);
  return Math.max(0, Math.ceil((time - now) / 1000));
}

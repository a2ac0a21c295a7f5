import { useMe } from '@duologue/react';
import { useEffect, useState } from 'react';
import { describeError } from '../i18n/describe-error';
import { useText } from '../i18n/locale';
import { LoadFailed } from '../ui/load-failed';
import { Skeleton } from '../ui/skeleton';

/** The client asks for it, too, and does not tell of its failures: after so long something is wrong. */
const PATIENCE_MS = 10_000;

/** In place of what one has set as long as it is not known: it loads, or could not be had. */
export function MePending() {
  const text = useText();
  const { error, refetch } = useMe();
  const isLate = useIsLate();
  if (error === null && !isLate) return <Skeleton shape="block" />;
  return <LoadFailed onRetry={refetch}>{error === null ? null : describeError(text, error)}</LoadFailed>;
}

function useIsLate(): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLate;
}

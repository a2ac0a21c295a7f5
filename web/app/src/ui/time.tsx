import { useSyncExternalStore } from 'react';
import { useLocale } from '../i18n/locale';
import { minutes } from './minutes';

export interface TimeProps {
  /** RFC 3339, as the server writes it. */
  readonly at: string;
  /**
   * `clock`: 14:05. `list`: the shortest that is clear now, for an inbox. `day`: a day, for a separator. `relative`: 5 minutes ago.
   * `full`: day and clock.
   */
  readonly style?: 'clock' | 'list' | 'day' | 'relative' | 'full';
  readonly className?: string | undefined;
}

/** A time as a person of this locale says it; exact on pointing at it. Keeps itself up to date. */
export function Time({ at, style = 'clock', className }: TimeProps) {
  const { formats } = useLocale();
  const now = useSyncExternalStore(minutes.subscribe, minutes.get);
  const date = new Date(at);
  return (
    <time dateTime={at} title={formats.full(date)} className={className}>
      {formats[style](date, now)}
    </time>
  );
}

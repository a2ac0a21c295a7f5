import { Fragment } from 'react';
import { useText } from '../i18n/locale';
import { Time } from '../ui/time';
import styles from './day-section.module.css';
import type { Day } from './days';
import { MessageRow } from './message-row';
import type { RowActions } from './row-actions';
import type { UnreadMark } from './unread';

interface DaySectionProps {
  readonly day: Day;
  readonly mark: UnreadMark | null;
  readonly target: string | null;
  readonly actions: RowActions;
}

/** The messages of a day under its date, which stays in sight while they are. */
export function DaySection({ day, mark, target, actions }: DaySectionProps) {
  return (
    <section className={styles.day}>
      <h3 className={styles.heading}>
        <Time at={new Date(day.at).toISOString()} style="day" className={styles.date} />
      </h3>
      {day.rows.map(({ item, starts, ends }) => (
        <Fragment key={item.key}>
          {mark?.key === item.key ? <UnreadLine count={mark.count} /> : null}
          <MessageRow item={item} starts={starts} ends={ends} isTarget={item.key === target} actions={actions} />
        </Fragment>
      ))}
    </section>
  );
}

function UnreadLine({ count }: { readonly count: number }) {
  const text = useText();
  return (
    <p className={styles.unread}>
      <span>{text.conversation.unread(count)}</span>
    </p>
  );
}

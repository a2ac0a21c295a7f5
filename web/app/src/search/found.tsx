import type { User } from '@duologue/client';
import type { Paged } from '@duologue/react';
import { useEffect, useRef } from 'react';
import { useText } from '../i18n/locale';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { classNames } from '../ui/class-names';
import { Spinner } from '../ui/spinner';
import { VisuallyHidden } from '../ui/visually-hidden';
import styles from './new-conversation.module.css';

interface FoundProps {
  readonly id: string;
  readonly optionId: (user: User) => string;
  readonly asked: string;
  readonly people: readonly User[];
  readonly search: Paged<User>;
  readonly active: User | undefined;
  readonly onOpen: (user: User) => void;
}

/** The people that were found, or why there are none. */
export function Found({ id, optionId, asked, people, search, active, onOpen }: FoundProps) {
  const { search: text } = useText();
  return (
    <>
      <VisuallyHidden role="status">{people.length > 0 ? text.found(people.length) : ''}</VisuallyHidden>
      <div id={id} role="listbox" aria-label={text.results} className={styles.list}>
        {people.map((user) => (
          <Person key={user.id} id={optionId(user)} user={user} isActive={user === active} onOpen={onOpen} />
        ))}
      </div>
      {asked === '' ? null : <State asked={asked} isEmpty={people.length === 0} search={search} />}
    </>
  );
}

function State({ asked, isEmpty, search }: { asked: string; isEmpty: boolean; search: Paged<User> }) {
  const { search: text } = useText();
  if (search.isLoading) return <Spinner />;
  if (search.error !== null) return <p role="alert">{text.failed}</p>;
  if (search.hasMore) {
    return (
      <Button size="small" isBusy={search.isFetchingMore} onClick={search.fetchMore}>
        {text.more}
      </Button>
    );
  }
  return isEmpty ? <p role="status">{text.nobody(asked)}</p> : null;
}

interface PersonProps {
  readonly id: string;
  readonly user: User;
  readonly isActive: boolean;
  readonly onOpen: (user: User) => void;
}

/** Chosen by the keys of the field, or pressed. */
function Person({ id, user, isActive, onOpen }: PersonProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isActive]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the focus and the keys.
    <div
      ref={element}
      id={id}
      role="option"
      aria-selected={isActive}
      tabIndex={-1}
      className={classNames(styles.person, isActive && styles.active)}
      onClick={() => onOpen(user)}
    >
      <Avatar name={user.displayName} src={user.avatar} isOnline={user.isOnline} />
      <span className={styles.names}>
        <bdi className={styles.name}>{user.displayName}</bdi>
        <span className={styles.username} dir="ltr">
          @{user.username}
        </span>
      </span>
    </div>
  );
}

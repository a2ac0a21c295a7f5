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
  /** What is typed now, and what the server was asked for: the same once the typing settles. */
  readonly wanted: string;
  readonly asked: string;
  readonly people: readonly User[];
  readonly search: Paged<User>;
  readonly active: User | undefined;
  readonly onOpen: (user: User) => void;
}

/** The people that were found, or why there are none. */
export function Found({ id, optionId, wanted, asked, people, search, active, onOpen }: FoundProps) {
  const { search: text } = useText();
  return (
    <>
      <VisuallyHidden role="status">{people.length > 0 ? text.found(people.length) : ''}</VisuallyHidden>
      <div id={id} role="listbox" aria-label={text.results} className={styles.list}>
        {people.map((user) => (
          <Person key={user.id} id={optionId(user)} user={user} isActive={user === active} onOpen={onOpen} />
        ))}
      </div>
      {wanted === '' ? null : (
        <State asked={asked} isSettled={wanted === asked} isEmpty={people.length === 0} search={search} />
      )}
    </>
  );
}

interface StateProps {
  readonly asked: string;
  readonly isSettled: boolean;
  readonly isEmpty: boolean;
  readonly search: Paged<User>;
}

/** What there is to say of the answer; of one that is still to come, or is another question's, nothing but that. */
function State({ asked, isSettled, isEmpty, search }: StateProps) {
  const { search: text } = useText();
  if (!isSettled || search.isLoading || (search.isFetching && isEmpty)) return isEmpty ? <Spinner /> : null;
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

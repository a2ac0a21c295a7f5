import type { Block } from '@duologue/client';
import { useBlocks, useClient } from '@duologue/react';
import { useState } from 'react';
import { describeError } from '../i18n/describe-error';
import { useText } from '../i18n/locale';
import { Avatar } from '../ui/avatar';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { LoadFailed, MoreFailed } from '../ui/load-failed';
import { Skeleton } from '../ui/skeleton';
import { Time } from '../ui/time';
import { useToast } from '../ui/toast';
import styles from './settings.module.css';
import { useSettingsText } from './texts';

export function BlockedSection() {
  const text = useText();
  const { blocked } = useSettingsText();
  const { items, hasMore, fetchMore, isFetchingMore, isLoading, error, refetch } = useBlocks();
  if (isLoading) return <Skeleton shape="block" />;
  if (error !== null && items.length === 0)
    return <LoadFailed onRetry={refetch}>{describeError(text, error)}</LoadFailed>;
  if (items.length === 0) return <EmptyState title={blocked.emptyTitle}>{blocked.empty}</EmptyState>;
  return (
    <section className={styles.group}>
      <p className={styles.note}>{blocked.hint}</p>
      <ul className={styles.people}>
        {items.map((block) => (
          <BlockedPerson key={block.id} block={block} />
        ))}
      </ul>
      {error !== null && !isFetchingMore ? (
        <MoreFailed onRetry={hasMore ? fetchMore : refetch} />
      ) : hasMore ? (
        <div className={styles.actions}>
          <Button isBusy={isFetchingMore} onClick={() => fetchMore()}>
            {blocked.more}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function BlockedPerson({ block }: { readonly block: Block }) {
  const { blocked } = useSettingsText();
  const { isBusy, unblock } = useUnblock(block);
  const { displayName, avatar } = block.blockedUser;
  return (
    <li className={styles.person}>
      <Avatar name={displayName} src={avatar} />
      <span className={styles.who}>
        <strong>
          <bdi>{displayName}</bdi>
        </strong>
        <span className={styles.note}>
          {blocked.since} <Time at={block.createdAt} style="day" />
        </span>
      </span>
      <Button size="small" isBusy={isBusy} aria-label={`${blocked.unblock}: ${displayName}`} onClick={() => unblock()}>
        {blocked.unblock}
      </Button>
    </li>
  );
}

/** The list follows by itself: an unblocking is a fact that the socket brings. */
function useUnblock({ blockedUser }: Block) {
  const text = useText();
  const settings = useSettingsText();
  const toast = useToast();
  const { blocks } = useClient().rest;
  const [isBusy, setBusy] = useState(false);
  const { username, displayName } = blockedUser;
  const failed = (error: unknown) => toast.show({ text: describeError(text, error), tone: 'danger' });
  const unblock = async () => {
    setBusy(true);
    try {
      await blocks.remove(username);
      const undo = () => blocks.add(username).catch(failed);
      toast.show({
        text: settings.blocked.unblocked(displayName),
        action: { label: settings.blocked.undo, onPress: undo },
      });
    } catch (error) {
      failed(error);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, unblock };
}

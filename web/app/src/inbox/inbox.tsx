import { useConversations } from '@duologue/react';
import SquarePen from 'lucide-react/icons/square-pen';
import { Suspense, useState } from 'react';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { IconButton } from '../ui/icon-button';
import { LoadFailed } from '../ui/load-failed';
import { loadPart } from '../ui/load-part';
import { ConversationList } from './conversation-list';
import { type Filter, Filters } from './filters';
import styles from './inbox.module.css';
import { InboxSkeleton } from './inbox-skeleton';
import { shownOf } from './shown';

const NewConversation = loadPart(async () => (await import('../search/new-conversation')).NewConversation);

export interface InboxProps {
  /** The username of the conversation that is open beside it. */
  readonly selected?: string | undefined;
}

/** All conversations, by last activity. */
export function Inbox({ selected }: InboxProps) {
  const [filter, setFilter] = useState<Filter>('all');
  const [isSearching, setSearching] = useState(false);
  const query = useConversations();
  const search = () => setSearching(true);
  const shown = shownOf(query.conversations, filter, selected);
  const isEmpty = shown.length === 0 && !query.hasNextPage;
  return (
    <div className={styles.inbox}>
      <Header onSearch={search} />
      <Filters filter={filter} onChange={setFilter} />
      {query.data === undefined ? (
        <Unloaded isPending={query.isPending} onRetry={query.refetch} />
      ) : isEmpty ? (
        <div className={styles.instead}>
          <Empty filter={filter} onSearch={search} onShowAll={() => setFilter('all')} />
        </div>
      ) : (
        <ConversationList
          conversations={shown}
          selected={selected}
          loaded={query.conversations.length}
          hasMore={query.hasNextPage}
          isFailed={query.isFetchNextPageError}
          onMore={() => query.fetchNextPage({ cancelRefetch: false })}
        />
      )}
      {isSearching ? (
        <Suspense>
          <NewConversation onClose={() => setSearching(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}

interface UnloadedProps {
  readonly isPending: boolean;
  readonly onRetry: () => Promise<unknown>;
}

function Unloaded({ isPending, onRetry }: UnloadedProps) {
  const { inbox: text } = useText();
  if (isPending) return <InboxSkeleton />;
  return (
    <div className={styles.instead}>
      <LoadFailed title={text.loadFailed} onRetry={onRetry}>
        {text.loadFailedHint}
      </LoadFailed>
    </div>
  );
}

function Header({ onSearch }: { readonly onSearch: () => void }) {
  const { inbox: text } = useText();
  return (
    <header className={styles.header}>
      <h1 className={styles.title}>{text.title}</h1>
      <IconButton label={text.newConversation} icon={<SquarePen />} tooltipAlign="end" onClick={onSearch} />
    </header>
  );
}

interface EmptyProps {
  readonly filter: Filter;
  readonly onSearch: () => void;
  readonly onShowAll: () => void;
}

function Empty({ filter, onSearch, onShowAll }: EmptyProps) {
  const { inbox: text } = useText();
  if (filter === 'unread') {
    return (
      <EmptyState title={text.emptyUnread} actions={<Button onClick={onShowAll}>{text.showAll}</Button>}>
        {text.emptyUnreadHint}
      </EmptyState>
    );
  }
  const actions = (
    <Button variant="solid" onClick={onSearch}>
      {text.newConversation}
    </Button>
  );
  return (
    <EmptyState title={text.empty} actions={actions}>
      {text.emptyHint}
    </EmptyState>
  );
}

import type { Conversation } from '@duologue/client';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useLocation, useRouter } from 'wouter';
import { isSameName, pathOf } from '../address';
import { useText } from '../i18n/locale';
import { MoreFailed } from '../ui/load-failed';
import { Spinner } from '../ui/spinner';
import styles from './conversation-list.module.css';
import { ConversationRow } from './conversation-row';

interface ConversationListProps {
  readonly conversations: readonly Conversation[];
  readonly selected: string | undefined;
  /** How many are loaded, also of those that are not shown. */
  readonly loaded: number;
  readonly hasMore: boolean;
  readonly isFailed: boolean;
  readonly onMore: () => Promise<unknown>;
}

/** One stop for Tab; arrows, Home and End move between conversations. */
export function ConversationList(props: ConversationListProps) {
  const { conversations, selected, loaded, hasMore, isFailed, onMore } = props;
  const { inbox: text } = useText();
  const [focused, setFocused] = useState<string | null>(null);
  const router = useRouter();
  const [, go] = useLocation();
  const reachable =
    conversations.find(({ id }) => id === focused) ??
    conversations.find(({ otherUser }) => isSameName(otherUser.username, selected)) ??
    conversations[0];
  return (
    <div className={styles.scroller}>
      <ul className={styles.list} aria-label={text.list} onKeyDown={moveByKey}>
        {conversations.map((conversation) => (
          <ConversationRow
            key={conversation.id}
            conversation={conversation}
            isSelected={isSameName(conversation.otherUser.username, selected)}
            isReachable={conversation === reachable}
            onFocus={setFocused}
            href={router.hrefs(router.base + pathOf(conversation.otherUser.username), router)}
            onGo={go}
          />
        ))}
      </ul>
      {isFailed ? <MoreFailed onRetry={onMore} /> : hasMore ? <More loaded={loaded} onMore={onMore} /> : null}
    </div>
  );
}

function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  const { key, currentTarget, target } = event;
  if (event.defaultPrevented || !(target instanceof HTMLAnchorElement)) return;
  const links = [...currentTarget.querySelectorAll<HTMLAnchorElement>('a[data-row]')];
  const link = links[nextOf(key, links.indexOf(target), links.length)];
  if (link === undefined) return;
  event.preventDefault();
  link.focus();
}

function nextOf(key: string, now: number, count: number): number {
  switch (key) {
    case 'ArrowUp':
      return Math.max(0, now - 1);
    case 'ArrowDown':
      return Math.min(count - 1, now + 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return -1;
  }
}

/** Asks for more when it comes near; again when what came was not enough to push it away. */
function More({ loaded, onMore }: { readonly loaded: number; readonly onMore: () => Promise<unknown> }) {
  const element = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new observer tells anew whether the end is still near.
  useEffect(() => {
    if (element.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) latest.current();
      },
      // Of the list itself: the margin of the page would be cut off at the list's edge.
      { root: element.current.parentElement, rootMargin: '400px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [loaded]);
  return (
    <div ref={element} className={styles.edge}>
      <Spinner />
    </div>
  );
}

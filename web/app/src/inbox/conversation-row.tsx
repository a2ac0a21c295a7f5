import type { Conversation, User } from '@duologue/client';
import { usePresence } from '@duologue/react';
import Ban from 'lucide-react/icons/ban';
import Ellipsis from 'lucide-react/icons/ellipsis';
import { type MouseEvent, memo, useState } from 'react';
import { pathOf } from '../address';
import { useLocale, useText } from '../i18n/locale';
import { Avatar } from '../ui/avatar';
import { classNames } from '../ui/class-names';
import { Menu } from '../ui/menu';
import { shortCount } from '../ui/short-count';
import { Time } from '../ui/time';
import { useLongPress } from '../ui/use-long-press';
import { VisuallyHidden } from '../ui/visually-hidden';
import { useConversationMenu } from './conversation-menu';
import styles from './conversation-row.module.css';
import { PreviewLine } from './preview-line';

interface ConversationRowProps {
  readonly conversation: Conversation;
  readonly isSelected: boolean;
  /** By Tab; the others by arrows. */
  readonly isReachable: boolean;
  readonly onFocus: (id: string) => void;
  /** Of its link; given from above, as `onGo` is: a row that knew the address would render whenever that changes. */
  readonly href: string;
  readonly onGo: (path: string) => void;
}

function Row(props: ConversationRowProps) {
  const { conversation, isSelected, isReachable, onFocus, href, onGo } = props;
  const text = useText();
  const { isMenuOpen, setMenuOpen, events } = useMenuOpening();
  const menu = useConversationMenu(conversation, isSelected ? () => onGo('/') : undefined);
  const { id, otherUser: user, unreadCount } = conversation;
  const tabIndex = isReachable ? 0 : -1;
  return (
    <li className={classNames(styles.row, isSelected && styles.selected, unreadCount > 0 && styles.unread)}>
      <a
        href={href}
        data-row
        tabIndex={tabIndex}
        aria-current={isSelected ? 'page' : undefined}
        className={styles.link}
        onClick={(event) => goHere(event, () => onGo(pathOf(user.username)))}
        onFocus={() => onFocus(id)}
        {...events}
      >
        <Glance conversation={conversation} />
      </a>
      <div className={styles.menu}>
        <Menu
          label={text.inbox.menu(user.displayName)}
          icon={<Ellipsis />}
          items={menu.items}
          button={{ size: 'small', tooltip: 'none', tabIndex }}
          isOpen={isMenuOpen}
          onOpenChange={setMenuOpen}
        />
      </div>
      {menu.dialogs}
    </li>
  );
}

/** Right-clicked, or by a finger that rests. */
function useMenuOpening() {
  const [isMenuOpen, setMenuOpen] = useState(false);
  const press = useLongPress(() => setMenuOpen(true));
  const onContextMenu = (event: MouseEvent) => {
    event.preventDefault();
    setMenuOpen(true);
  };
  return { isMenuOpen, setMenuOpen, events: { ...press, onContextMenu } };
}

/** A plain click stays in this tab and page; the browser knows what others mean. */
function goHere(event: MouseEvent, go: () => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go();
}

/** One conversation. What changes often stands in parts of its own: presence, typing and drafts do not render the row. */
export const ConversationRow = memo(Row);

/** Who it is with, what was said last and when, and how much is new. */
function Glance({ conversation }: { readonly conversation: Conversation }) {
  const { inbox: text } = useText();
  const { otherUser: user, unreadCount, lastMessage, updatedAt, isBlocked } = conversation;
  return (
    <>
      <Face user={user} />
      <span className={styles.name}>
        <bdi>{user.displayName}</bdi>
        {isBlocked ? <Ban role="img" aria-label={text.blocked} className={styles.blocked} /> : null}
      </span>
      <Time at={lastMessage?.createdAt ?? updatedAt} style="list" className={styles.time} />
      <PreviewLine conversation={conversation} />
      <UnreadBadge count={unreadCount} />
    </>
  );
}

function Face({ user }: { readonly user: User }) {
  const text = useText();
  const presence = usePresence(user.id, user);
  return (
    <span className={styles.face}>
      <Avatar
        name={user.displayName}
        src={user.avatar}
        isOnline={presence?.isOnline}
        presenceLabel={text.inbox.online}
      />
    </span>
  );
}

function UnreadBadge({ count }: { readonly count: number }) {
  const text = useText();
  const { formats } = useLocale();
  if (count === 0) return null;
  return (
    <span className={styles.badge}>
      <span aria-hidden="true" data-figures>
        {shortCount(count, formats)}
      </span>
      <VisuallyHidden>{text.inbox.unreadCount(count)}</VisuallyHidden>
    </span>
  );
}

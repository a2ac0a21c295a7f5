import type { Conversation } from '@duologue/client';
import { usePresence } from '@duologue/react';
import ArrowLeft from 'lucide-react/icons/arrow-left';
import EllipsisVertical from 'lucide-react/icons/ellipsis-vertical';
import Images from 'lucide-react/icons/images';
import { Link, useLocation } from 'wouter';
import { useText } from '../i18n/locale';
import { useConversationMenu } from '../inbox/conversation-menu';
import { Avatar } from '../ui/avatar';
import { IconButton } from '../ui/icon-button';
import { Menu } from '../ui/menu';
import styles from './header.module.css';
import { PresenceLine } from './presence-line';

interface HeaderProps {
  readonly conversation: Conversation;
  readonly onGalleries: () => void;
}

/** Who one speaks with, and what can be done about it. */
export function Header({ conversation, onGalleries }: HeaderProps) {
  const text = useText();
  const [, navigate] = useLocation();
  const { otherUser: user } = conversation;
  const presence = usePresence(user.id, user);
  const menu = useConversationMenu(conversation, () => navigate('/'));
  return (
    <header className={styles.header}>
      <BackLink />
      <Avatar name={user.displayName} src={user.avatar} isOnline={presence?.isOnline} />
      <div className={styles.who}>
        <h2 className={styles.name}>
          <bdi>{user.displayName}</bdi>
        </h2>
        <p className={styles.presence}>
          <PresenceLine conversationId={conversation.id} user={user} />
        </p>
      </div>
      <IconButton label={text.conversation.galleries} icon={<Images />} tooltipAlign="end" onClick={onGalleries} />
      <Menu
        label={text.conversation.menu}
        icon={<EllipsisVertical />}
        items={menu.items}
        button={{ tooltipAlign: 'end' }}
      />
      {menu.dialogs}
    </header>
  );
}

/** On the phone, where the list is not beside. */
export function BackLink() {
  const text = useText();
  return (
    <Link href="/" className={styles.back} aria-label={text.conversation.backToInbox}>
      <ArrowLeft aria-hidden="true" />
    </Link>
  );
}

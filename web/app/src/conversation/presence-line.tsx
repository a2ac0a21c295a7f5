import type { Id, User } from '@duologue/client';
import { usePresence } from '@duologue/react';
import { useText } from '../i18n/locale';
import { useIsTyping } from '../inbox/use-is-typing';
import { Time } from '../ui/time';
import styles from './presence-line.module.css';
import { TypingDots } from './typing-dots';

interface PresenceLineProps {
  readonly conversationId: Id;
  readonly user: User;
}

/** What the other one does right now, or when they were last seen. */
export function PresenceLine({ conversationId, user }: PresenceLineProps) {
  const text = useText();
  const isTyping = useIsTyping(conversationId);
  const presence = usePresence(user.id, user);
  if (isTyping) {
    return (
      <span className={styles.typing}>
        {text.inbox.typing} <TypingDots />
      </span>
    );
  }
  if (presence?.isOnline === true) return <span>{text.conversation.online}</span>;
  if (presence?.lastSeen === undefined) return <span dir="ltr">@{user.username}</span>;
  return (
    <span>
      {text.conversation.lastSeen} <Time at={presence.lastSeen} style="relative" />
    </span>
  );
}

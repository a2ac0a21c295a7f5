import type { Id, Message } from '@duologue/client';
import { useClient } from '@duologue/react';
import { useEffect, useState } from 'react';
import { useText } from '../i18n/locale';
import { oneLine } from '../inbox/preview';
import { VisuallyHidden } from '../ui/visually-hidden';

interface AnnouncerProps {
  readonly conversationId: Id;
  readonly partnerName: string;
}

/** Says what comes in to a screen reader: not one's own messages, not the history. */
export function Announcer({ conversationId, partnerName }: AnnouncerProps) {
  const client = useClient();
  const text = useText();
  const [message, setMessage] = useState<Message | null>(null);
  useEffect(() => {
    setMessage(null);
    return client.on('message.new', ({ payload }) => {
      const { message: came } = payload;
      if (came.conversationId === conversationId && came.senderId !== client.user) setMessage(came);
    });
  }, [client, conversationId]);
  const said = oneLine(message?.content ?? '') || text.inbox.kinds[message?.type ?? 'text'];
  return (
    <VisuallyHidden role="status" aria-live="polite" aria-atomic="true">
      {/* A new key makes a new node: the same words twice are said twice. */}
      {message === null ? null : <span key={message.id}>{text.conversation.incoming(partnerName, said)}</span>}
    </VisuallyHidden>
  );
}

import type { DuologueClient, FrameOf } from '@duologue/client';
import { useClient } from '@duologue/react';
import { useEffect } from 'react';
import type { Catalogue } from '../i18n/en';
import { useText } from '../i18n/locale';
import { useDevice } from '../settings/device-context';
import type { Tell } from '../sw/messages';
import type { MessagePush } from '../sw/notification';

/** Tells of messages that come in while no window of this page is looked at. The tab with the socket speaks for all. */
export function useNotifications(): void {
  const client = useClient();
  const { shell } = useText();
  const { notifies } = useDevice();
  useEffect(() => {
    if (!(notifies && 'serviceWorker' in navigator)) return;
    return client.on('message.new', (frame) => {
      const push = toPush(client, frame, shell);
      if (push !== null && document.hidden && client.connection.status.get().leads) tell(push);
    });
  }, [client, notifies, shell]);
}

function toPush(
  client: DuologueClient,
  { payload }: FrameOf<'message.new'>,
  shell: Catalogue['shell'],
): MessagePush | null {
  const { message, conversation, totalUnread } = payload;
  const sender = message.sender ?? conversation?.otherUser;
  if (sender === undefined || message.senderId === client.user) return null;
  const { username, displayName } = sender;
  const preview = message.content || (message.type === 'text' ? '' : shell.sent[message.type]);
  return {
    type: 'message',
    conversationId: message.conversationId,
    username,
    displayName,
    preview,
    count: totalUnread,
  };
}

/** By the worker, which knows all windows and outlives this one. */
async function tell(push: MessagePush): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  const message: Tell = { type: 'duologue.tell', push };
  active?.postMessage(message);
}

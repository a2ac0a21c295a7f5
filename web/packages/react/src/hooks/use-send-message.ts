import type { DraftFile, Id, Pending } from '@duologue/client';
import { useMemo } from 'react';
import { useClient } from '../context.js';

export interface SendMessage {
  /** Resolves as soon as it is kept on this device; what becomes of it stands in `useMessages().items`. */
  readonly send: (content: string, files?: readonly DraftFile[]) => Promise<Pending>;
  /** Tries one again that failed. */
  readonly retry: (key: string) => Promise<void>;
  /** Gives one up that failed or has not left yet. */
  readonly discard: (key: string) => Promise<void>;
}

/** Sending in one conversation: kept through reloads, in order, exactly once. */
export function useSendMessage(conversationId: Id): SendMessage {
  const { outbox } = useClient();
  return useMemo(
    () => ({
      send: (content, files) => outbox.send({ conversationId, content, ...(files === undefined ? {} : { files }) }),
      retry: outbox.retry,
      discard: outbox.discard,
    }),
    [outbox, conversationId],
  );
}

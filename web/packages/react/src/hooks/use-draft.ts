import type { Id } from '@duologue/client';
import { useCallback } from 'react';
import { useClient } from '../context.js';
import { useStore } from './use-store.js';

export interface DraftText {
  readonly text: string;
  /** At once in `text`; kept through reloads. Empty: there is none. */
  readonly setText: (text: string) => void;
}

/** The unsent text of a conversation. */
export function useDraft(conversationId: Id): DraftText {
  const { drafts } = useClient();
  const text = useStore(drafts.all, (all) => all.get(conversationId) ?? '');
  const setText = useCallback(
    (value: string) => {
      // What storage does not take is there until the page is left.
      drafts.set(conversationId, value).catch(() => undefined);
    },
    [drafts, conversationId],
  );
  return { text, setText };
}

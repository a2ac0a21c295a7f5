import type { Id, Pending } from '@duologue/client';
import { useCallback, useRef } from 'react';
import { useClient } from '../context.js';
import { useStore } from './use-store.js';

/** What is on its way in one conversation, in the order of sending; the same array until one of these changes. */
export function usePending(conversationId: Id): readonly Pending[] {
  const last = useRef<readonly Pending[]>([]);
  const select = useCallback(
    (entries: readonly Pending[]): readonly Pending[] => {
      const ours = entries.filter((entry) => entry.draft.conversationId === conversationId);
      if (!isSame(ours, last.current)) last.current = ours;
      return last.current;
    },
    [conversationId],
  );
  return useStore(useClient().outbox.entries, select);
}

const isSame = (one: readonly Pending[], other: readonly Pending[]): boolean =>
  one.length === other.length && one.every((entry, index) => entry === other[index]);

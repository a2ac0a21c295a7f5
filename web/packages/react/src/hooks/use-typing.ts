import type { Id } from '@duologue/client';
import { useCallback, useEffect, useRef } from 'react';
import { useClient } from '../context.js';
import { useStore } from './use-store.js';

export interface TypingState {
  /** The partner types right now. */
  readonly isTyping: boolean;
  /** On every key: it is told at most every 3 s. False when the text is gone; leaving the conversation says it by itself. */
  readonly setTyping: (isTyping: boolean) => void;
}

export function useTyping(conversationId: Id): TypingState {
  const client = useClient();
  const isTyping = useStore(client.typing, (typing) => typing.has(conversationId));
  const told = useRef(false);
  const setTyping = useCallback(
    (now: boolean) => {
      if (!(now || told.current)) return;
      told.current = now;
      client.setTyping(conversationId, now);
    },
    [client, conversationId],
  );
  useEffect(() => () => setTyping(false), [setTyping]);
  return { isTyping, setTyping };
}

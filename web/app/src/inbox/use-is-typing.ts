import type { Id } from '@duologue/client';
import { useClient, useStore } from '@duologue/react';

/** Whether the partner types; renders when this changes alone. */
export function useIsTyping(conversationId: Id): boolean {
  return useStore(useClient().typing, (typing) => typing.has(conversationId));
}

import type { Id } from '@duologue/client';
import { useMutation } from '@tanstack/react-query';
import { useClient } from '../context.js';
import { always } from '../retry.js';

/** A mutation (`mutate(conversationId)`, `isPending`, `error`): takes a conversation out of one's own list, with its history so far. */
export function useDeleteConversation() {
  const { rest } = useClient();
  return useMutation({ ...always, mutationFn: (conversationId: Id) => rest.conversations.delete(conversationId) });
}

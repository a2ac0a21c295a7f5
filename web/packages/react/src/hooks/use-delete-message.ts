import type { Id } from '@duologue/client';
import { useMutation } from '@tanstack/react-query';
import { useClient } from '../context.js';
import { always } from '../retry.js';

/** A mutation (`mutate(messageId)`, `isPending`, `error`): takes one's own message away for both. The socket takes it out of the lists. */
export function useDeleteMessage() {
  const { rest } = useClient();
  return useMutation({ ...always, mutationFn: (messageId: Id) => rest.messages.delete(messageId) });
}

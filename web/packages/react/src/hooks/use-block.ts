import type { BlockStatus } from '@duologue/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useClient } from '../context.js';
import { keys } from '../keys.js';
import { always, retrying } from '../retry.js';

export interface BlockState {
  /** Undefined until it is known. */
  readonly status: BlockStatus | undefined;
  readonly block: () => Promise<void>;
  readonly unblock: () => Promise<void>;
  readonly isPending: boolean;
  readonly error: Error | null;
}

/** Blocks between the user and somebody, in both directions, kept up to date by the socket. */
export function useBlock(username: string): BlockState {
  const { rest, user } = useClient();
  const cache = useQueryClient();
  const queryKey = keys.block(user, username);
  const query = useQuery({
    queryKey,
    queryFn: async () => (await rest.blocks.status(username)).data,
    staleTime: Number.POSITIVE_INFINITY,
    ...retrying,
  });
  const change = useMutation({
    ...always,
    mutationFn: async (isBlocked: boolean): Promise<void> => {
      await rest.blocks[isBlocked ? 'add' : 'remove'](username);
    },
    onSettled: () => cache.invalidateQueries({ queryKey }),
  });
  return {
    status: query.data,
    block: () => change.mutateAsync(true),
    unblock: () => change.mutateAsync(false),
    isPending: change.isPending,
    error: change.error ?? query.error,
  };
}

import { type Conversation, DuologueError, type Id } from '@duologue/client';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useClient } from '../context.js';
import { keys } from '../keys.js';
import { conversationsOptions } from '../options.js';
import { retrying } from '../retry.js';

export interface OpenConversation {
  /** As the inbox shows it, kept up to date by the socket. */
  readonly conversation: Conversation | undefined;
  readonly isLoading: boolean;
  /** NOT_FOUND: nobody of that name. FORBIDDEN, BLOCKED: they may not be written to. */
  readonly error: Error | null;
  readonly refetch: () => Promise<unknown>;
}

/** The conversation with somebody; the server makes it if there is none. */
export function useOpenConversation(username: string): OpenConversation {
  const { rest, user } = useClient();
  const query = useQuery({
    queryKey: keys.conversation(user, username),
    queryFn: async () => (await rest.conversations.withUser(username)).data,
    staleTime: Number.POSITIVE_INFINITY,
    ...retrying,
  });
  const isRefused = query.error instanceof DuologueError && !query.error.isRetryable;
  const listed = useListed(username, query.data?.id);
  return {
    conversation: isRefused ? query.data : (listed ?? query.data),
    isLoading: query.isPending && listed === undefined,
    error: query.error,
    refetch: query.refetch,
  };
}

/** The same in the inbox, as far as that is loaded: there it is kept up to date, and known without a request. */
function useListed(username: string, id: Id | undefined): Conversation | undefined {
  const name = username.toLowerCase();
  const isThat = (one: Conversation): boolean =>
    id === undefined ? one.otherUser.username.toLowerCase() === name : one.id === id;
  const { data } = useInfiniteQuery({
    ...conversationsOptions(useClient()),
    enabled: false,
    select: ({ pages }) => pages.flatMap((page) => page.data.conversations).find(isThat),
  });
  return data;
}

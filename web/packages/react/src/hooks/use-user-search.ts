import type { User, UserList } from '@duologue/client';
import { useClient } from '../context.js';
import { keys } from '../keys.js';
import { type Paged, usePaged } from './use-paged.js';

/** Milliseconds that an answer is good for. */
const FRESH = 30_000;

/** People whose username begins so; nobody for an empty query. Each value is a request: let typing settle before. */
export function useUserSearch(query: string): Paged<User> {
  const { rest, user } = useClient();
  const asked = query.trim();
  return usePaged({
    queryKey: keys.users(user, asked),
    fetch: (paging) => rest.users.search(asked, paging),
    itemsOf: usersOf,
    staleTime: FRESH,
    enabled: asked !== '',
    keepPrevious: asked !== '',
  });
}

const usersOf = (data: UserList): readonly User[] => data.users;

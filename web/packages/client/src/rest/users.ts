import type { Request } from './http.js';
import { paged, USERS } from './paths.js';
import type { Rest } from './rest.js';

export function usersOf(request: Request): Rest['users'] {
  const me = `${USERS}/me`;
  const following = (username: string): string => `${USERS}/${encodeURIComponent(username)}/follow`;
  return {
    me: () => request({ method: 'GET', path: me }),
    update: (change) => request({ method: 'PATCH', path: me, body: change }),
    search: (text, paging) => {
      const { query, signal } = paged(paging);
      return request({ method: 'GET', path: USERS, query: { ...query, query: text }, signal });
    },
    follow: async (username) => {
      await request({ method: 'PUT', path: following(username) });
    },
    unfollow: async (username) => {
      await request({ method: 'DELETE', path: following(username) });
    },
    erase: async (password, messages = 'keep') => {
      await request({ method: 'DELETE', path: me, body: { password, messages } });
    },
  };
}

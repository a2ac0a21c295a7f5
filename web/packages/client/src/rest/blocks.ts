import type { Request } from './http.js';
import { CHAT, paged } from './paths.js';
import type { Rest } from './rest.js';

export function blocksOf(request: Request): Rest['blocks'] {
  const path = `${CHAT}/blocks`;
  return {
    list: (paging) => request({ method: 'GET', path, ...paged(paging) }),
    status: (username) => request({ method: 'GET', path: `${path}/status/${encodeURIComponent(username)}` }),
    add: (username) => request({ method: 'POST', path, body: { username } }),
    remove: async (username) => {
      await request({ method: 'DELETE', path: `${path}/${encodeURIComponent(username)}` });
    },
  };
}

import type { Request } from './http.js';
import { CHAT, paged } from './paths.js';
import type { Rest } from './rest.js';

export function conversationsOf(request: Request): Rest['conversations'] {
  const path = `${CHAT}/conversations`;
  return {
    list: (paging) => request({ method: 'GET', path, ...paged(paging) }),
    withUser: (username) => request({ method: 'GET', path: `${path}/with/${encodeURIComponent(username)}` }),
    delete: (id) => request({ method: 'DELETE', path: `${path}/${id}` }),
    unread: () => request({ method: 'GET', path: `${path}/unread-count` }),
    markRead: (id, upTo) =>
      request({ method: 'POST', path: `${path}/${id}/read`, body: upTo === undefined ? {} : { messageId: upTo } }),
    media: (id, paging) => request({ method: 'GET', path: `${path}/${id}/media`, ...paged(paging) }),
    links: (id, paging) => request({ method: 'GET', path: `${path}/${id}/links`, ...paged(paging) }),
    files: (id, paging) => request({ method: 'GET', path: `${path}/${id}/files`, ...paged(paging) }),
  };
}

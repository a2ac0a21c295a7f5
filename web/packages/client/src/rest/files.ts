import type { Request } from './http.js';
import { CHAT } from './paths.js';
import type { Rest } from './rest.js';

export function filesOf(request: Request): Rest['files'] {
  return {
    links: (ids) => request({ method: 'POST', path: `${CHAT}/files/links`, body: { ids }, isSafe: true }),
  };
}

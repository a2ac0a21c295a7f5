import { PATIENCE } from './exchange.js';
import type { Request } from './http.js';
import { CHAT } from './paths.js';
import type { Rest } from './rest.js';

/** The server answers a long poll after up to `wait` seconds: patience begins then. */
export function eventsOf(request: Request): Rest['events'] {
  return ({ since, epoch, limit, wait, signal }) =>
    request({
      method: 'GET',
      path: `${CHAT}/events`,
      query: { since, epoch, limit, wait },
      patience: PATIENCE + (wait ?? 0) * 1000,
      signal,
    });
}

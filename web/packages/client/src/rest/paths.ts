import type { Call } from './http.js';
import type { Paging } from './rest.js';

export const CHAT = '/api/v1/chat';
export const USERS = '/api/v1/users';

/** The part of a call that says where a list goes on. */
export function paged({ cursor, limit, signal }: Paging = {}): Pick<Call, 'query' | 'signal'> {
  return { query: { cursor, limit }, signal };
}

import { DuologueError } from '../errors.js';
import type { Answer, MessagePage } from '../model.js';
import type { Context, Id } from '../wire.js';
import type { Request } from './http.js';
import { contextPage, newerPage, olderPage } from './pages.js';
import { CHAT, paged } from './paths.js';
import type { PageParam, Rest } from './rest.js';

type PageOptions = Parameters<Rest['messages']['page']>[2];

export function messagesOf(request: Request, uuid: () => string): Rest['messages'] {
  const of = (conversationId: Id): string => `${CHAT}/conversations/${conversationId}/messages`;
  const path = (messageId: Id): string => `${CHAT}/messages/${messageId}`;
  const list: Rest['messages']['list'] = (conversationId, paging) => {
    const { query, signal } = paged(paging);
    return request({ method: 'GET', path: of(conversationId), query: { ...query, after: paging?.after }, signal });
  };
  const context: Rest['messages']['context'] = (messageId, { before, after, signal } = {}) =>
    request({ method: 'GET', path: `${path(messageId)}/context`, query: { before, after }, signal });
  return {
    list,
    context,
    page: (conversationId, where, options) => pageOf({ list, context }, conversationId, where, options),
    get: (messageId) => request({ method: 'GET', path: path(messageId) }),
    send: (conversationId, body, key = uuid()) =>
      request({ method: 'POST', path: of(conversationId), body, headers: { 'Idempotency-Key': key } }),
    delete: (messageId) => request({ method: 'DELETE', path: path(messageId) }),
  };
}

async function pageOf(
  { list, context }: Pick<Rest['messages'], 'list' | 'context'>,
  conversationId: Id,
  where: PageParam,
  options: PageOptions,
): Promise<MessagePage> {
  if (where === null) return olderPage(await list(conversationId, options), undefined);
  if ('older' in where) return olderPage(await list(conversationId, { ...options, cursor: where.older }), where.older);
  if ('newer' in where) return newerPage(await list(conversationId, { ...options, after: where.newer }), where.newer);
  return contextPage(within(conversationId, await context(where.around, neighbours(options))));
}

/** The server finds a message wherever it is. Shown in another conversation it would pass for somebody else's words. */
function within(conversationId: Id, answer: Answer<Context>): Answer<Context> {
  if (answer.data.messages.every((message) => message.conversationId === conversationId)) return answer;
  throw new DuologueError('NOT_FOUND', 'The message is in another conversation');
}

/** A limit counts the message itself, and gives the same to both sides. */
function neighbours({
  limit,
  signal,
}: NonNullable<PageOptions> = {}): NonNullable<Parameters<Rest['messages']['context']>[1]> {
  const given = signal === undefined ? {} : { signal };
  if (limit === undefined) return given;
  return { ...given, before: Math.floor(limit / 2), after: Math.max(0, Math.ceil(limit / 2) - 1) };
}

import type { Platform } from '../ports.js';
import type { TokenSource } from './authorized.js';
import { blocksOf } from './blocks.js';
import { conversationsOf } from './conversations.js';
import { eventsOf } from './events.js';
import { filesOf } from './files.js';
import { createHttp } from './http.js';
import { messagesOf } from './messages.js';
import type { Rest } from './rest.js';
import { usersOf } from './users.js';

export interface RestOptions {
  /** The server's root; empty for the page's own. */
  readonly url: string;
  readonly tokens: TokenSource;
  readonly platform: Pick<Platform, 'fetch' | 'timers' | 'uuid'>;
}

/**
 * REST of dialect A. A refused token is refreshed once. What the server puts off (429, 503 with Retry-After of a minute at most) is
 * tried again up to twice when it reads; writes are not repeated: `isLost` tells whether one may have been done.
 */
export function createRest(options: RestOptions): Rest {
  const request = createHttp(options);
  return {
    conversations: conversationsOf(request),
    messages: messagesOf(request, options.platform.uuid),
    blocks: blocksOf(request),
    users: usersOf(request),
    files: filesOf(request),
    events: eventsOf(request),
  };
}

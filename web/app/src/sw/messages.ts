/** What page and worker say to each other. */
import type { MessagePush } from './notification';

/** To the worker: a message came in over the socket. */
export interface Tell {
  readonly type: 'duologue.tell';
  readonly push: MessagePush;
}

/** To the page: go there, a notification was pressed. */
export interface Open {
  readonly type: 'duologue.open';
  readonly path: string;
}

export function isOpen(data: unknown): data is Open {
  return isOf('duologue.open', data) && 'path' in data && typeof data.path === 'string' && data.path.startsWith('/');
}

export function isTell(data: unknown): data is Tell {
  return isOf('duologue.tell', data) && 'push' in data;
}

function isOf(type: string, data: unknown): data is object {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === type;
}

/** When a query is worth asking again: as the error says, three times, no sooner than the server wants. */

import { DuologueError } from '@duologue/client';

const ATTEMPTS = 3;
const FIRST_DELAY = 500;

export const retrying = {
  retry: (failures: number, error: Error): boolean =>
    failures < ATTEMPTS && error instanceof DuologueError && error.isRetryable,
  retryDelay: (failures: number, error: Error): number =>
    error instanceof DuologueError && error.retryAfter !== undefined
      ? error.retryAfter * 1000
      : FIRST_DELAY * 2 ** failures,
};

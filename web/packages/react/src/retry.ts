/** When the server is asked: at once, and again as the error says, three times, no sooner than the server wants. */

import { DuologueError } from '@duologue/client';

const ATTEMPTS = 3;
const FIRST_DELAY = 500;

/**
 * TanStack's default holds requests back until the browser calls itself online: a deletion that somebody gave up on would happen
 * then, and a list that never came would look empty. So a request fails without a network, and says so.
 */
export const always = { networkMode: 'always' } as const;

export const retrying = {
  ...always,
  // What failed without a network is asked again when there is one; this mode alone would leave it.
  refetchOnReconnect: true,
  retry: (failures: number, error: Error): boolean =>
    failures < ATTEMPTS && error instanceof DuologueError && error.isRetryable,
  retryDelay: (failures: number, error: Error): number =>
    error instanceof DuologueError && error.retryAfter !== undefined
      ? error.retryAfter * 1000
      : FIRST_DELAY * 2 ** failures,
};

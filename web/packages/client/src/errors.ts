/** What goes wrong, with the server's stable codes and some of our own. */

import type { ErrorCode } from './wire.js';

/**
 * `NETWORK`: nothing came back. `CANCELLED`: the caller gave up. `BAD_ANSWER`: what came back is not Duologue's. `REDIRECTED`: the
 * server's address sends on to another, where nothing goes by itself. `UNREADABLE`: the file changed, or is gone, since it was chosen.
 */
export type ClientErrorCode =
  | ErrorCode
  | 'INVALID_MESSAGE'
  | 'UNKNOWN_EVENT'
  | 'NETWORK'
  | 'CANCELLED'
  | 'BAD_ANSWER'
  | 'REDIRECTED'
  | 'UNREADABLE';

export interface ErrorDetails {
  readonly status?: number;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whole seconds. */
  readonly retryAfter?: number;
  readonly requestId?: string;
  readonly isLost?: boolean;
}

const RETRYABLE: ReadonlySet<string> = new Set(['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_ERROR']);
/** What a proxy refuses for the moment: a timeout, too early, too many. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

export class DuologueError extends Error {
  override readonly name = 'DuologueError';
  readonly code: ClientErrorCode;
  readonly status: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;
  /** Whether it is unknown what the server did. */
  readonly isLost: boolean;

  constructor(code: ClientErrorCode, message: string, more: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.status = more.status;
    this.details = more.details;
    this.retryAfter = more.retryAfter;
    this.requestId = more.requestId;
    this.isLost = more.isLost ?? false;
  }

  /** Whether the same again may succeed later without anybody changing anything. */
  get isRetryable(): boolean {
    if (this.code !== 'BAD_ANSWER') return RETRYABLE.has(this.code);
    const status = this.status ?? 0;
    return status < 400 || status >= 500 || PASSING.has(status);
  }
}

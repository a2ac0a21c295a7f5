/** Why a socket was closed, and what to do then: docs/protocol/close-codes.md as a table. */

import type { ConnectionStatus } from '../model.js';

export type StopReason = NonNullable<ConnectionStatus['reason']>;

export const DRAIN = 1001;
export const LOST = 1006;
export const TOKEN_EXPIRED = 4001;
export const INVALID_TOKEN = 4500;
const FIRST_STOP = 4500;
const RETRY = /\bretry=(\d{1,9})\b/;

/** The codes after which a client comes back. */
export const RECONNECT: Readonly<Record<number, string>> = {
  1001: 'drain',
  1002: 'protocol_error',
  1003: 'binary',
  1006: 'lost',
  1007: 'invalid_utf8',
  1009: 'too_big',
  1011: 'internal_error',
  4000: 'slow',
  4001: 'token_expired',
  4002: 'flood',
};

/** The codes after which it stops. */
export const STOP: Readonly<Record<number, StopReason>> = {
  4500: 'invalid_token',
  4501: 'auth_timeout',
  4502: 'deactivated',
  4503: 'too_many_connections',
  4504: 'signed_out',
};

/** Null: come back. A code from 4500 up that a newer server may have stops as a token that is refused. */
export function stopReason(code: number): StopReason | null {
  return code < FIRST_STOP ? null : (STOP[code] ?? 'invalid_token');
}

/** Milliseconds that a drain asks to wait; null when it names none. */
export function retryDelay(code: number, reason: string): number | null {
  const asked = code === DRAIN ? RETRY.exec(reason)?.[1] : undefined;
  return asked === undefined ? null : Number(asked);
}

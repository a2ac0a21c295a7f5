/** A fresh token for an open socket, shortly before the one it has runs out. */

import type { Timers } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import { expiry, type Tokens } from './token.js';

/** Before its end, or a fifth of what is left if that is less. */
const AHEAD = 60_000;
/** What timers can count. */
const LONGEST = 2 ** 31 - 1;

/** Calls `renewed` with each new token until it is stopped, or no token that lives longer is to be had. */
export function renewTokens(
  timers: Timers,
  tokens: Tokens,
  first: string,
  renewed: (token: string) => void,
): Unsubscribe {
  let isStopped = false;
  let stopTimer: Unsubscribe = () => undefined;
  const renew = async (token: string, end: number): Promise<void> => {
    // What goes wrong here shows when the token expires: the server closes with 4001.
    const next = await tokens.refresh(token).catch(() => null);
    if (next === null || next === token || isStopped) return;
    renewed(next);
    if ((expiry(next) ?? 0) > end) plan(next);
  };
  const plan = (token: string): void => {
    const end = expiry(token);
    if (end === null) return;
    const left = end - timers.now();
    const ms = left - Math.min(AHEAD, left / 5);
    if (ms < LONGEST) stopTimer = timers.after(Math.max(0, ms), () => renew(token, end));
  };
  plan(first);
  return () => {
    isStopped = true;
    stopTimer();
  };
}

/** A fresh token for an open socket, shortly before the one it has runs out. */

import type { Timers } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import { expiry, lifetime, type Tokens } from './token.js';

/** Before its end, or a fifth of what is left if that is less. */
const AHEAD = 60_000;
/** What timers can count. */
const LONGEST = 2 ** 31 - 1;
/** Also where a token seems to be over, though the server has just taken it: then this device's clock is wrong. */
const SOONEST = 1000;

/** Calls `renewed` with each new token until it is stopped, or no token that lives longer is to be had. */
export function renewTokens(
  timers: Timers,
  tokens: Tokens,
  first: string,
  renewed: (token: string) => void,
): Unsubscribe {
  let isStopped = false;
  let stopTimer: Unsubscribe = () => undefined;
  const renew = async (token: string): Promise<void> => {
    // What goes wrong here shows when the token expires: the server closes with 4001.
    const next = await tokens.refresh(token).catch(() => null);
    if (next === null || next === token || isStopped) return;
    renewed(next);
    if ((expiry(next) ?? 0) > (expiry(token) ?? 0)) plan(next, ofFresh(next, timers.now()));
  };
  const plan = (token: string, left: number | null): void => {
    if (left === null) return;
    const ms = left - Math.min(AHEAD, left / 5);
    if (ms < LONGEST) stopTimer = timers.after(Math.max(SOONEST, ms), () => renew(token));
  };
  plan(first, ofKnown(first, timers.now()));
  return () => {
    isStopped = true;
    stopTimer();
  };
}

/** Milliseconds that are left to a token of which nobody knows how old it is; null: it does not say. */
function ofKnown(token: string, now: number): number | null {
  const end = expiry(token);
  return end === null ? null : Math.min(end - now, lifetime(token) ?? Number.POSITIVE_INFINITY);
}

/** Of one that was issued just now: all its life, by no clock but the server's. Without that, none if this device's must be wrong. */
function ofFresh(token: string, now: number): number | null {
  const life = lifetime(token);
  if (life !== null) return life;
  const left = ofKnown(token, now);
  return left !== null && left > 0 ? left : null;
}

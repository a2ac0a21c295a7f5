/** How long to wait before the next try: exponential, with full jitter, so that a crowd does not come back at once. */

const BASE = 500;
const CAP = 20_000;

/** Milliseconds after so many `tries` in vain; the bound doubles from 0.5 to 20 s. `random`: 0 <= x < 1. */
export function backoff(tries: number, random: number): number {
  return Math.round(random * Math.min(CAP, BASE * 2 ** Math.min(tries, 10)));
}

/** What a server that drains asked for, and a little more: many hear the same. */
export function drained(asked: number, random: number): number {
  return asked + backoff(0, random);
}

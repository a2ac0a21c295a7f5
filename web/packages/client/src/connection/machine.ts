/**
 * When to connect, wait, poll and stop. Pure: what happened in, what to do out.
 *
 *     idle --start--> connecting --opened--> catching_up --caught_up--> online
 *     connecting, catching_up, online --closed--> waiting --due--> connecting       (or stopped, by the code)
 *     waiting, connecting --polled--> polling --opened--> catching_up, online       (sockets do not open, HTTP does)
 *     any --offline--> offline --online--> connecting; any --stop--> idle
 */

import type { ConnectionState } from '../model.js';
import { backoff, drained } from './backoff.js';
import { INVALID_TOKEN, LOST, retryDelay, type StopReason, stopReason, TOKEN_EXPIRED } from './close-codes.js';

/** A connection that lasted so long was a good one: the next loss begins with a short wait again. */
const SETTLED = 10_000;
/** Sockets that did not open, one after the other, until HTTP is tried beside them. */
const MISSES = 3;
const SOCKET_AGAIN = 60_000;

export interface Machine {
  readonly state: ConnectionState;
  /** While `waiting`. */
  readonly retryAt: number | null;
  /** Why `stopped`. */
  readonly reason: StopReason | null;
  /** Waits in vain since a connection lasted. */
  readonly tries: number;
  /** Sockets in a row that did not open. */
  readonly missed: number;
  /** When the socket was let in; null: it is not yet. */
  readonly openedAt: number | null;
  /** Whether a fresh token was brought after a refusal: the next refusal is the last. */
  readonly isRefreshed: boolean;
  /** While `polling`: whether a socket is being tried. */
  readonly isTrying: boolean;
}

export type MachineEvent =
  | { readonly type: 'start' | 'stop' | 'reconnect' | 'due' | 'online' | 'offline' | 'visible' }
  /** The socket was let in. */
  | { readonly type: 'opened'; readonly isCaughtUp: boolean }
  | { readonly type: 'caught_up' }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }
  /** There was no token to connect with, for now. */
  | { readonly type: 'failed' }
  /** There is no use in trying again. */
  | { readonly type: 'refused'; readonly reason: StopReason }
  | { readonly type: 'polled' | 'poll_failed' };

/** `wait`: let `due` happen then, unless a `connect`, `close` or `wait` comes first. `ping`: look whether the socket lives. */
export type Effect =
  | { readonly do: 'connect'; readonly refresh: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'close' | 'poll' | 'end_poll' | 'ping' };

export interface Surroundings {
  readonly now: number;
  /** 0 <= x < 1. */
  readonly random: number;
  readonly isOnline: boolean;
}
export type Outcome = readonly [Machine, readonly Effect[]];

export const IDLE: Machine = {
  state: 'idle',
  retryAt: null,
  reason: null,
  tries: 0,
  missed: 0,
  openedAt: null,
  isRefreshed: false,
  isTrying: false,
};

type EventOf<T> = Extract<MachineEvent, { type: T }>;
type Handlers = {
  readonly [T in MachineEvent['type']]: (machine: Machine, event: EventOf<T>, around: Surroundings) => Outcome;
};

export function transition(machine: Machine, event: MachineEvent, around: Surroundings): Outcome {
  const handle = HANDLERS[event.type] as (machine: Machine, event: MachineEvent, around: Surroundings) => Outcome;
  return handle(machine, event, around);
}

const HANDLERS: Handlers = {
  start: (machine, _, around) => {
    if (machine.state !== 'idle') return [machine, []];
    return around.isOnline ? connect(IDLE) : [{ ...IDLE, state: 'offline' }, []];
  },
  stop: () => [IDLE, [{ do: 'close' }, { do: 'end_poll' }]],
  reconnect: (machine) => {
    if (machine.state === 'idle') return [machine, []];
    const [next, effects] = connect(IDLE);
    return [next, [{ do: 'end_poll' }, ...effects]];
  },
  due: (machine) => (machine.state === 'waiting' || machine.state === 'polling' ? connect(machine) : [machine, []]),
  offline: (machine) => {
    if (machine.state === 'idle' || machine.state === 'stopped') return [machine, []];
    return [{ ...IDLE, state: 'offline' }, [{ do: 'close' }, { do: 'end_poll' }]];
  },
  online: (machine) => (machine.state === 'polling' ? connect(machine) : atOnce({ ...machine, tries: 0 })),
  visible: (machine, _, around) => (around.isOnline ? atOnce(machine) : [machine, []]),
  opened: (machine, { isCaughtUp }, { now }) => {
    if (!isConnecting(machine)) return [machine, []];
    const state = isCaughtUp ? 'online' : 'catching_up';
    return [{ ...machine, state, missed: 0, openedAt: now, isTrying: false }, [{ do: 'end_poll' }]];
  },
  caught_up: (machine) => [machine.state === 'catching_up' ? { ...machine, state: 'online' } : machine, []],
  closed,
  failed: (machine, _, around) => (isConnecting(machine) ? later(machine, around) : [machine, []]),
  refused: (machine, { reason }) => (machine.state === 'idle' ? [machine, []] : stopped(reason)),
  polled: (machine) => {
    if (machine.state !== 'waiting' && machine.state !== 'connecting') return [machine, []];
    const isTrying = machine.state === 'connecting';
    const effects: readonly Effect[] = isTrying ? [] : [{ do: 'wait', ms: SOCKET_AGAIN }];
    return [{ ...machine, state: 'polling', retryAt: null, isTrying }, effects];
  },
  poll_failed: (machine, _, around) => {
    if (machine.state !== 'polling') return [machine, []];
    return machine.isTrying
      ? [{ ...machine, state: 'connecting', isTrying: false }, []]
      : later({ ...machine, state: 'waiting' }, around);
  },
};

function closed(machine: Machine, { code, reason }: EventOf<'closed'>, around: Surroundings): Outcome {
  if (!(isConnecting(machine) || machine.state === 'catching_up' || machine.state === 'online')) return [machine, []];
  const before = judged(machine, code, around.now);
  if (code === TOKEN_EXPIRED || code === INVALID_TOKEN) {
    return before.isRefreshed ? stopped('invalid_token') : connect({ ...before, isRefreshed: true }, true);
  }
  const why = stopReason(code);
  return why === null ? later(before, around, retryDelay(code, reason)) : stopped(why);
}

/** What the connection that ended says of the next. */
function judged(machine: Machine, code: number, now: number): Machine {
  const { openedAt } = machine;
  if (openedAt === null) return code === LOST ? { ...machine, missed: machine.missed + 1 } : machine;
  return now - openedAt >= SETTLED ? { ...machine, tries: 0, isRefreshed: false } : machine;
}

function connect(machine: Machine, refresh = false): Outcome {
  const isPolling = machine.state === 'polling';
  const state = isPolling ? 'polling' : 'connecting';
  return [
    { ...machine, state, retryAt: null, reason: null, openedAt: null, isTrying: isPolling },
    [{ do: 'connect', refresh }],
  ];
}

/** Now is a good time: connect, or see whether the connection that stands is alive. */
function atOnce(machine: Machine): Outcome {
  if (machine.state === 'waiting' || machine.state === 'offline') return connect(machine);
  return [machine, machine.state === 'online' || machine.state === 'catching_up' ? [{ do: 'ping' }] : []];
}

function later(machine: Machine, { now, random, isOnline }: Surroundings, asked: number | null = null): Outcome {
  if (machine.state === 'polling') return [{ ...machine, isTrying: false }, [{ do: 'wait', ms: SOCKET_AGAIN }]];
  if (!isOnline) return [{ ...IDLE, state: 'offline' }, [{ do: 'close' }, { do: 'end_poll' }]];
  const ms = asked === null ? backoff(machine.tries, random) : drained(asked, random);
  const next: Machine = { ...machine, state: 'waiting', retryAt: now + ms, tries: machine.tries + 1, openedAt: null };
  const wait: Effect = { do: 'wait', ms };
  return [next, machine.missed >= MISSES ? [wait, { do: 'poll' }] : [wait]];
}

function stopped(reason: StopReason): Outcome {
  return [{ ...IDLE, state: 'stopped', reason }, [{ do: 'close' }, { do: 'end_poll' }]];
}

function isConnecting(machine: Machine): boolean {
  return machine.state === 'connecting' || (machine.state === 'polling' && machine.isTrying);
}

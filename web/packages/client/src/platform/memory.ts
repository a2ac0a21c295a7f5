/** A platform in memory: for tests, for servers, and as the pattern for one of React Native. */

import type { Channel, Locks, Platform, Timers } from '../ports.js';
import { fetchTransfer } from './fetch-transfer.js';
import { cuttable, type MemoryNetwork, memoryNetwork, over, type Tab } from './memory-network.js';
import { createWorld, type World } from './memory-world.js';
import { randomUuid, seededRandom, uuidOf } from './random.js';
import { type ManualTimers, manualTimers, realTimers } from './timers.js';
import { openWebSocket } from './websocket.js';

export type { MemoryNetwork } from './memory-network.js';
// biome-ignore lint/performance/noBarrelFile: this is an entry of the package
export { createWorld, type World } from './memory-world.js';
export { type ManualTimers, manualTimers, realTimers } from './timers.js';

export interface MemoryOptions {
  /** Default: one of its own. Platforms of one world are as tabs of one browser. */
  readonly world?: World;
  /** Default: real ones. `manualTimers(start)` for a clock driven by hand; tabs may share one. */
  readonly timers?: Timers;
  /** Makes `random` and `uuid` repeat. Default: they do not. Tabs of one world want different seeds. */
  readonly seed?: number;
  /** Default: the globals. Not called while the network is off. */
  readonly fetch?: typeof globalThis.fetch;
  readonly openSocket?: Platform['openSocket'];
  readonly transfer?: Platform['transfer'];
}

export interface MemoryPlatform extends Platform {
  readonly network: MemoryNetwork;
  /** As if the tab was closed: sockets, locks, channels, timers and requests end without a word to the client. */
  readonly end: () => void;
}

export interface DrivenPlatform extends MemoryPlatform {
  /** Lets milliseconds pass; see `ManualTimers`. */
  readonly advance: ManualTimers['advance'];
}

/** As `memory`, with a clock driven by hand, and a seed. */
export function memoryByHand(options: MemoryOptions & { readonly timers?: ManualTimers } = {}): DrivenPlatform {
  const timers = options.timers ?? manualTimers(Date.now());
  return { ...memory({ seed: 1, ...options, timers }), advance: timers.advance };
}

export function memory(options: MemoryOptions = {}): MemoryPlatform {
  const world = options.world ?? createWorld();
  const closed = new AbortController();
  const network = memoryNetwork();
  const tab: Tab = { network, end: closed.signal };
  const fetch = over(tab, options.fetch ?? ((...call) => globalThis.fetch(...call)));
  return {
    fetch,
    transfer: over(tab, options.transfer ?? ((request) => fetchTransfer(fetch, request))),
    openSocket: cuttable(tab, options.openSocket ?? openWebSocket),
    storage: world.storage,
    channel: closing(world.channel, tab.end),
    locks: releasing(world.locks, tab.end),
    network,
    timers: silenced(options.timers ?? realTimers(), tab.end),
    ...randomness(options.seed),
    end: () => closed.abort(),
  };
}

function randomness(seed: number | undefined): Pick<Platform, 'random' | 'uuid'> {
  if (seed === undefined) return { random: () => Math.random(), uuid: randomUuid };
  const random = seededRandom(seed);
  return { random, uuid: () => uuidOf(Uint8Array.from({ length: 16 }, () => random() * 256)) };
}

function closing(open: (name: string) => Channel, end: AbortSignal): (name: string) => Channel {
  return (name) => {
    const channel = open(name);
    end.addEventListener('abort', channel.close, { once: true });
    return channel;
  };
}

function releasing(locks: Locks, end: AbortSignal): Locks {
  return {
    hold: (name, signal, held) => {
      const either = new AbortController();
      const abort = (): void => either.abort();
      if (signal.aborted || end.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      end.addEventListener('abort', abort, { once: true });
      locks.hold(name, either.signal, held);
    },
  };
}

function silenced(timers: Timers, end: AbortSignal): Timers {
  return {
    now: timers.now,
    after: (ms, callback) =>
      timers.after(ms, () => {
        if (!end.aborted) callback();
      }),
  };
}

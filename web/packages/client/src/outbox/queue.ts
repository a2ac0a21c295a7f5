/** What goes next: first in, first out per conversation, one under way in each. Pure. */

import type { Pending } from '../model.js';
import type { Id } from '../wire.js';

export type Queue = readonly Pending[];

const DIGITS = 15; // milliseconds since the epoch, for 30,000 years

/** Sorts as the entries were made; of two tabs at once in some order, the same everywhere. */
export function orderOf({ createdAt, key }: Pick<Pending, 'createdAt' | 'key'>): string {
  return `${String(createdAt).padStart(DIGITS, '0')}:${key}`;
}

/** When an entry is made: now, but always after those that are there, whatever the clock does. */
export function nextTime(queue: Queue, now: number): number {
  return queue.reduce((time, entry) => Math.max(time, entry.createdAt + 1), now);
}

/** With the entry in its place; the same queue if one of that key is there. */
export function inserted(queue: Queue, entry: Pending): Queue {
  if (queue.some(({ key }) => key === entry.key)) return queue;
  const order = orderOf(entry);
  const after = queue.findIndex((other) => orderOf(other) > order);
  return queue.toSpliced(after === -1 ? queue.length : after, 0, entry);
}

export function changed(queue: Queue, key: Id, change: (entry: Pending) => Pending): Queue {
  const after = queue.map((entry) => (entry.key === key ? change(entry) : entry));
  return after.every((entry, index) => entry === queue[index]) ? queue : after;
}

export function removed(queue: Queue, key: Id): Queue {
  return queue.some((entry) => entry.key === key) ? queue.filter((entry) => entry.key !== key) : queue;
}

/** The first of each conversation. Those that failed, and those in `past`, hold up nobody. */
export function heads(queue: Queue, past: ReadonlySet<Id>): Pending[] {
  const first = new Map<Id, Pending>();
  for (const entry of queue) {
    const { conversationId } = entry.draft;
    if (entry.state !== 'failed' && !past.has(entry.key) && !first.has(conversationId))
      first.set(conversationId, entry);
  }
  return [...first.values()];
}

/** Those that may be sent now. */
export function due(waiting: readonly Pending[], now: number): Pending[] {
  return waiting.filter(({ state, notBefore = 0 }) => state === 'queued' && notBefore <= now);
}

/** When the next one may be, in milliseconds since the epoch; null: none waits for a time. */
export function nextDue(waiting: readonly Pending[], now: number): number | null {
  const times = waiting.flatMap(({ state, notBefore = 0 }) => (state === 'queued' && notBefore > now ? notBefore : []));
  return times.length === 0 ? null : Math.min(...times);
}

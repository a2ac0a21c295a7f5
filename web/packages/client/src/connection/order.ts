/**
 * Facts in the order of their positions, each once. Pure.
 *
 * A fact that follows the cursor is let through; one at or below it was seen; one beyond it is held, until what lies between has
 * come, or it is known that nothing does.
 */

import type { Cursor } from '../model.js';
import type { EventList, Frame } from '../wire.js';

export interface Order {
  /** Null before the first connection. */
  readonly cursor: Cursor | null;
  /** By position, ascending; all above the cursor. */
  readonly held: readonly Held[];
}
interface Held {
  readonly frame: Frame;
  readonly position: number;
  readonly previous: number;
}
export interface Step {
  readonly order: Order;
  /** To be handed on now, in this order. */
  readonly frames: readonly Frame[];
}

export const EMPTY: Order = { cursor: null, held: [] };

/** The position of a fact; null for all other frames. */
export function positionOf(frame: Frame): number | null {
  return 'position' in frame && typeof frame.position === 'number' ? frame.position : null;
}

/** A frame as it comes in. `previous`: the fact before this one, where the sender knows it. */
export function take(order: Order, frame: Frame, previous?: number): Step {
  const position = positionOf(frame);
  if (position === null) return { order, frames: [frame] };
  if (order.cursor !== null && position <= order.cursor.position) return { order, frames: [] };
  const held = insert(order.held, { frame, position, previous: previous ?? position - 1 });
  return settle({ ...order, held });
}

/** Everything up to `cursor` was seen, or is in a snapshot; what is held beyond it stays. */
export function moveTo(order: Order, cursor: Cursor): Step {
  return settle({ cursor, held: order.held.filter((fact) => fact.position > cursor.position) });
}

/** A new log, or a place that cannot be reached by facts: nothing of before counts, except what came beyond it. */
export function reset(order: Order, cursor: Cursor): Step {
  const isSameLog = order.cursor === null || order.cursor.epoch === cursor.epoch;
  return moveTo(isSameLog ? order : EMPTY, cursor);
}

/** The sender has nothing more up to `cursor`: what is held up to there is all there is. */
export function trust(order: Order, cursor: Cursor): Step {
  if (order.cursor !== null && cursor.position <= order.cursor.position) return { order, frames: [] };
  const sure = order.held.filter((fact) => fact.position <= cursor.position);
  const step = moveTo(order, cursor);
  return { order: step.order, frames: [...sure.map((fact) => fact.frame), ...step.frames] };
}

/** A page of the event list, asked for from the cursor or before: what it leaves out is not there. */
export function takePage(order: Order, page: Pick<EventList, 'events' | 'position' | 'epoch'>): Step {
  const { cursor } = order;
  if (cursor === null) return moveTo(order, page);
  const frames = page.events.filter((frame) => (positionOf(frame) ?? 0) > cursor.position);
  const { position, epoch } = page;
  if (position <= cursor.position) return { order, frames };
  const step = moveTo(order, { position, epoch });
  return { order: step.order, frames: [...frames, ...step.frames] };
}

function insert(held: readonly Held[], fact: Held): readonly Held[] {
  const place = held.findLastIndex((other) => other.position <= fact.position);
  return held[place]?.position === fact.position ? held : held.toSpliced(place + 1, 0, fact);
}

/** Lets through what follows the cursor without a gap. */
function settle(order: Order): Step {
  if (order.cursor === null) return { order, frames: [] };
  let { position } = order.cursor;
  let count = 0;
  for (const fact of order.held) {
    if (fact.previous > position) break;
    position = fact.position;
    count += 1;
  }
  if (count === 0) return { order, frames: [] };
  const frames = order.held.slice(0, count).map((fact) => fact.frame);
  return { order: { cursor: { ...order.cursor, position }, held: order.held.slice(count) }, frames };
}

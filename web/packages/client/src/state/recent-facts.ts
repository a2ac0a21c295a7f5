/** The newest facts that this tab was given, to bring a snapshot up to date that was asked for before they came. */

import type { Frame, Id } from '../wire.js';
import { positionOf } from './frames.js';

const MOST = 1000;

export interface RecentFacts {
  readonly add: (frame: Frame) => void;
  /** Facts are known from here on: a connection began. The first call counts, until `reset`. */
  readonly begin: (position: number) => void;
  /** The log begins anew after `position`. */
  readonly reset: (position: number) => void;
  /** Nothing is known any more, as before the first connection. */
  readonly forget: () => void;
  /** Those after `position`, oldest first; null if some of them are not known. None before there was a connection. */
  readonly since: (position: number) => readonly Frame[] | null;
  /** Whether the send of that key is among them. */
  readonly hasSend: (key: Id) => boolean;
}

export function createRecentFacts(): RecentFacts {
  let facts: Frame[] = [];
  let from: number | null = null;
  return {
    add: (frame) => {
      const position = positionOf(frame);
      if (position === undefined) return;
      from ??= position - 1;
      facts.push(frame);
      // Two thousand at most, cut to one: not with every fact.
      if (facts.length < 2 * MOST) return;
      const gone = facts[facts.length - MOST - 1];
      facts = facts.slice(-MOST);
      from = gone === undefined ? from : (positionOf(gone) ?? from);
    },
    begin: (position) => {
      from ??= position;
    },
    reset: (position) => {
      facts = [];
      from = position;
    },
    forget: () => {
      facts = [];
      from = null;
    },
    since: (position) => {
      if (from === null) return [];
      return position < from ? null : facts.filter((frame) => (positionOf(frame) ?? 0) > position);
    },
    hasSend: (key) => facts.some((frame) => isSend(frame, key)),
  };
}

function isSend(frame: Frame, key: Id): boolean {
  return (frame.type === 'message.new' || frame.type === 'message.sent') && frame.payload.message.tempId === key;
}

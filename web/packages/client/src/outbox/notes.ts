/** What tabs tell each other about the outbox. */

import type { Pending } from '../model.js';
import type { Id } from '../wire.js';
import type { Progress } from './records.js';

export type OutboxNote =
  /** It is in storage. */
  | { readonly outbox: 'added'; readonly entry: Pending }
  | { readonly outbox: 'progress'; readonly key: Id; readonly progress: Progress }
  /** `isSent`: the server has it; else somebody took it out. */
  | { readonly outbox: 'removed'; readonly key: Id; readonly isSent: boolean };

/** Only tabs of the same site speak on the channel; of another version's notes nothing is understood. */
export function isOutboxNote(note: unknown): note is OutboxNote {
  return typeof note === 'object' && note !== null && 'outbox' in note;
}

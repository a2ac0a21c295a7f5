/** What there is to know of the user: who they are, and how much is unread. */

import type { Timers } from '../ports.js';
import type { Rest } from '../rest/rest.js';
import type { Readable } from '../store.js';
import type { Frame, Me } from '../wire.js';
import { totalOf } from './frames.js';
import { createLoaded } from './loaded.js';

export interface Account {
  readonly me: Readable<Me | null>;
  readonly totalUnread: Readable<number | null>;
  readonly apply: (frame: Frame) => void;
  /** Facts are coming in from now on: what was asked for before may be older than they are. */
  readonly load: () => void;
  readonly stop: () => void;
  readonly clear: () => void;
}

export function createAccount(rest: Pick<Rest, 'users' | 'conversations'>, timers: Timers): Account {
  const me = createLoaded(async () => (await rest.users.me()).data, timers);
  const total = createLoaded(async () => (await rest.conversations.unread()).data.totalUnread, timers);
  const load = (): void => {
    me.load();
    total.load();
  };
  const apply = (frame: Frame): void => {
    if (frame.type === 'resume.reset') load();
    if (frame.type === 'settings.updated') me.set(frame.payload);
    const unread = totalOf(frame);
    if (unread !== undefined) total.set(unread);
  };
  return {
    me: me.store,
    totalUnread: total.store,
    apply,
    load,
    stop: () => {
      me.stop();
      total.stop();
    },
    clear: () => {
      me.clear();
      total.clear();
    },
  };
}

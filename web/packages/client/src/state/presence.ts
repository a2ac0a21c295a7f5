/** Who is online, as far as it may be known. */

import type { Presence } from '../model.js';
import { createStore, type Readable } from '../store.js';
import type { Frame, FrameOf, Id, User } from '../wire.js';
import { conversationOf, isUpdate } from './frames.js';

type Presences = ReadonlyMap<Id, Presence>;

export interface PresenceStore {
  readonly store: Readable<Presences>;
  readonly apply: (frame: Frame) => void;
  readonly clear: () => void;
}

export function createPresence(): PresenceStore {
  const store = createStore<Presences>(new Map());
  return {
    store,
    apply: (frame) => store.update((known) => reducePresence(known, frame)),
    clear: () => store.set(new Map()),
  };
}

/** Pure; the same map if the frame says nothing new. */
export function reducePresence(known: Presences, frame: Frame): Presences {
  switch (frame.type) {
    case 'status.bulk':
      return withBulk(known, frame.payload.statuses);
    case 'user.online':
      return withOne(known, frame.payload.userId, { isOnline: true });
    case 'user.offline':
      return withOne(known, frame.payload.userId, offline(frame.payload));
    case 'block.added':
      return withoutOne(known, frame.payload.blockedUser.id);
    case 'block.removed':
      return withUser(known, frame.payload.blockedUser);
    case 'conversation.updated':
      return isUpdate(frame.payload)
        ? withUser(known, frame.payload.otherUser ?? conversationOf(frame)?.otherUser)
        : known;
    case 'message.new':
    case 'message.sent':
      return withUser(known, conversationOf(frame)?.otherUser);
    default:
      return known;
  }
}

/** All whose presence may be known now; when somebody was last seen is not in it. */
function withBulk(known: Presences, statuses: Readonly<Record<Id, boolean>>): Presences {
  return new Map(
    Object.entries(statuses).map(([id, isOnline]) => {
      const lastSeen = known.get(id)?.lastSeen;
      return [id, isOnline || lastSeen === undefined ? { isOnline } : { isOnline, lastSeen }];
    }),
  );
}

function offline({ lastSeen }: FrameOf<'user.offline'>['payload']): Presence {
  return lastSeen === undefined ? { isOnline: false } : { isOnline: false, lastSeen };
}

function withUser(known: Presences, user: User | undefined): Presences {
  if (user === undefined) return known;
  const { isOnline, lastSeen } = user;
  return withOne(known, user.id, lastSeen === undefined ? { isOnline } : { isOnline, lastSeen });
}

function withOne(known: Presences, id: Id, presence: Presence): Presences {
  const before = known.get(id);
  if (before?.isOnline === presence.isOnline && before.lastSeen === presence.lastSeen) return known;
  return new Map(known).set(id, presence);
}

function withoutOne(known: Presences, id: Id): Presences {
  if (!known.has(id)) return known;
  return new Map([...known].filter(([other]) => other !== id));
}

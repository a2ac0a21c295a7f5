import type { ClientOptions, Drafts, DuologueClient, Outbox } from './client.js';
import { Core } from './core.js';
import { counted } from './lifecycle.js';
import { browser } from './platform/browser.js';
import { createReader } from './state/reader.js';
import { createFileUrls, KeptLinks } from './uploads/links.js';
import type { Frame, FrameOf, FrameType } from './wire.js';

/** Does nothing until `start`. Make one for a user, outside of rendering. */
export function createClient(options: ClientOptions): DuologueClient {
  const { url, user, platform = browser() } = options;
  const core = new Core({ ...options, platform });
  const { rest, connection, emitter } = core;
  const running = counted(() => core.begin());
  return {
    user,
    rest,
    connection,
    outbox: outboxOf(core),
    drafts: draftsOf(core),
    me: core.account.me,
    presence: core.presence.store,
    typing: core.typing.store,
    totalUnread: core.account.totalUnread,
    factsSince: core.facts.since,
    cursor: connection.cursor,
    on: (type, listener) =>
      emitter.subscribe((frame) => {
        if (isOf(type, frame)) listener(frame);
      }),
    onFrame: emitter.subscribe,
    setTyping: core.typingSender.set,
    markRead: createReader(connection, rest.conversations.markRead),
    ...createFileUrls(rest, new KeptLinks(platform.timers), url),
    start: running.start,
    signOut: () => {
      running.end();
      return core.forget();
    },
  };
}

function outboxOf({ outbox, typingSender }: Core): Outbox {
  return {
    entries: outbox.entries,
    send: (draft) => {
      typingSender.sent(draft.conversationId);
      return outbox.send(draft);
    },
    retry: (key) => outbox.retry(key),
    discard: (key) => outbox.discard(key),
  };
}

function draftsOf({ drafts }: Core): Drafts {
  return {
    all: drafts.all,
    get: (conversationId) => drafts.get(conversationId),
    set: (conversationId, text) => drafts.set(conversationId, text),
  };
}

function isOf<T extends FrameType>(type: T, frame: Frame): frame is FrameOf<T> {
  return frame.type === type;
}

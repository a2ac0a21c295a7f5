/** What a front end keeps: the list and the histories that were opened, edited by the reducers alone. As an adapter does it. */

import type { DuologueClient } from '../../src/client.js';
import type { ConversationPage, MessagePage, Pages } from '../../src/model.js';
import { missesConversation, reduceInbox } from '../../src/state/inbox.js';
import { reduceTimeline } from '../../src/state/timeline.js';
import { toTimeline } from '../../src/state/to-timeline.js';
import type { Conversation, Frame, Id, Message } from '../../src/wire.js';

interface Positioned {
  readonly position?: number;
}

/** One kind of pages: taken when asked for, then kept by facts. */
class Kept<P extends Positioned> {
  pages: Pages<P> | null = null;
  readonly #client: DuologueClient;
  readonly #read: () => Promise<Pages<P>>;
  readonly #reduce: (pages: Pages<P>, frame: Frame) => Pages<P>;
  #turn = 0;

  constructor(
    client: DuologueClient,
    read: () => Promise<Pages<P>>,
    reduce: (pages: Pages<P>, frame: Frame) => Pages<P>,
  ) {
    this.#client = client;
    this.#read = read;
    this.#reduce = reduce;
    client.cursor.subscribe(() => this.#replay());
  }

  async load(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const pages = await this.#read();
    if (turn !== this.#turn) return;
    this.pages = pages;
    this.#replay();
  }

  apply(frame: Frame): void {
    if (this.pages !== null) this.pages = this.#reduce(this.pages, frame);
  }

  #replay(): void {
    if (this.pages === null || this.#client.cursor.get() === null) return;
    const positions = this.pages.pages.map(({ position }) => position ?? 0);
    const facts = this.#client.factsSince(Math.min(...positions));
    if (facts === null) this.load();
    else for (const fact of facts) this.apply(fact);
  }
}

/** To be compared with another of its kind. */
interface Shown {
  readonly conversations: unknown;
  readonly messages: unknown;
  readonly total: number | null;
}

export class Screen {
  readonly #client: DuologueClient;
  readonly #inbox: Kept<ConversationPage>;
  readonly #timelines = new Map<Id, Kept<MessagePage>>();
  /** How often the list was read. */
  reads = 0;

  constructor(client: DuologueClient) {
    this.#client = client;
    this.#inbox = new Kept(
      client,
      () => this.#readInbox(),
      (pages, frame) => reduceInbox(pages, frame, client.user),
    );
    client.onFrame((frame) => this.#take(frame));
  }

  async load(...conversationIds: Id[]): Promise<void> {
    await this.#inbox.load();
    await Promise.all(conversationIds.map((id) => this.#timeline(id).load()));
  }

  conversations(): Conversation[] {
    return this.#inbox.pages?.pages.flatMap((page) => page.data.conversations) ?? [];
  }

  /** Newest first. */
  messages(id: Id): Message[] {
    return this.#timeline(id).pages?.pages.flatMap((page) => page.messages) ?? [];
  }

  /** Texts and states, oldest first, as a person sees them. */
  lines(id: Id): string[] {
    const pending = this.#client.outbox.entries.get().filter(({ draft }) => draft.conversationId === id);
    return toTimeline(this.messages(id), pending, this.#client.user).map((item) => {
      const content = item.kind === 'message' ? item.message.content : item.pending.draft.content;
      return `${content} ${item.status}`;
    });
  }

  /** All that it shows, but for who is online. */
  shown(): Shown {
    const ids = [...this.#timelines.keys()];
    return {
      conversations: this.conversations().map(({ otherUser, ...rest }) => ({ ...rest, otherUser: otherUser.id })),
      messages: ids.map((id) => this.messages(id).map(({ sender: _, ...rest }) => compared(rest, this.#client.user))),
      total: this.#client.totalUnread.get(),
    };
  }

  /** The same, as the server says it now. */
  async fresh(): Promise<Shown> {
    const other = new Screen(this.#client);
    await other.load(...this.#timelines.keys());
    const { data } = await this.#client.rest.conversations.unread();
    return { ...other.shown(), total: data.totalUnread };
  }

  #take(frame: Frame): void {
    if (frame.type === 'resume.reset') {
      for (const kept of [this.#inbox, ...this.#timelines.values()]) kept.load();
      return;
    }
    const isMissing = this.#inbox.pages !== null && missesConversation(this.#inbox.pages, frame);
    for (const kept of [this.#inbox, ...this.#timelines.values()]) kept.apply(frame);
    if (isMissing) this.#inbox.load();
  }

  #timeline(id: Id): Kept<MessagePage> {
    const known = this.#timelines.get(id);
    if (known !== undefined) return known;
    const { rest, user } = this.#client;
    const read = async (): Promise<Pages<MessagePage>> => {
      const page = await rest.messages.page(id, null, { limit: 100 });
      return { pages: [page], pageParams: [null] };
    };
    const made = new Kept(this.#client, read, (pages, frame) => reduceTimeline(pages, frame, user, id));
    this.#timelines.set(id, made);
    return made;
  }

  async #readInbox(): Promise<Pages<ConversationPage>> {
    this.reads += 1;
    return { pages: [await this.#client.rest.conversations.list({ limit: 50 })], pageParams: [undefined] };
  }
}

/** How far a message came is its sender's matter: one that this user received is read or not. */
function compared(message: Message, user: Id): Message {
  return message.senderId === user ? message : { ...message, status: message.isRead ? 'read' : 'delivered' };
}

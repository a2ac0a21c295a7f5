/** Conversations that belong to the top of the list, but stood on no loaded page: the server shows them. */

import type { Conversation, ConversationPage, DuologueClient, Frame, Id, Pages } from '@duologue/client';
import { missesConversation } from '@duologue/client';
import type { Query } from '@tanstack/react-query';
import type { LiveQueries } from './live-queries.js';

type InboxPages = Pages<ConversationPage>;

export class Arrivals {
  readonly #client: DuologueClient;
  readonly #live: LiveQueries<ConversationPage>;
  readonly #wanted = new Set<Id>();
  #isAsking = false;
  /** What the server said last holds all facts up to here: what it did not show then is not on its first page. */
  #answered = 0;

  constructor(client: DuologueClient, live: LiveQueries<ConversationPage>) {
    this.#client = client;
    this.#live = live;
  }

  /** Before `fact` is applied: notes what it misses, and fetches it. */
  look(pages: InboxPages, fact: Frame, query: Query): void {
    const id = conversationOf(fact);
    const position = 'position' in fact ? (fact.position ?? 0) : 0;
    if (id === undefined || position <= this.#answered || !missesConversation(pages, fact)) return;
    this.#wanted.add(id);
    if (!this.#isAsking) this.#ask(query);
  }

  /** Again and again, as long as somebody else has come meanwhile. */
  async #ask(query: Query): Promise<void> {
    const ids = new Set(this.#wanted);
    this.#wanted.clear();
    this.#isAsking = true;
    try {
      const fresh = await this.#client.rest.conversations.list();
      this.#answered = fresh.position ?? this.#answered;
      this.#live.merge(query, this.#answered, (pages) => withArrived(pages, fresh, ids));
    } catch {
      // A query that wants to be fetched again tries by itself, and tells of errors.
      this.#live.restart(query);
    } finally {
      this.#isAsking = false;
    }
    if (this.#wanted.size > 0) await this.#ask(query);
  }
}

function conversationOf(fact: Frame): Id | undefined {
  if (fact.type === 'message.new' || fact.type === 'message.sent') return fact.payload.message.conversationId;
  return fact.type === 'message.deleted' ? fact.payload.conversationId : undefined;
}

/** The first page with those of `ids` that `fresh` shows, as it shows them; they stand nowhere else. */
function withArrived(known: InboxPages, fresh: ConversationPage, ids: ReadonlySet<Id>): InboxPages {
  const arrived = fresh.data.conversations.filter(({ id }) => ids.has(id));
  if (arrived.length === 0) return known;
  const isOther = ({ id }: Conversation): boolean => !arrived.some((one) => one.id === id);
  const pages = known.pages.map((page, index) => {
    const kept = page.data.conversations.filter(isOther);
    const conversations = index === 0 ? [...arrived, ...kept].sort(byActivity) : kept;
    const position = Math.min(page.position ?? 0, fresh.position ?? 0);
    return { ...page, data: { ...page.data, conversations }, position };
  });
  return { ...known, pages };
}

function byActivity(one: Conversation, other: Conversation): number {
  if (one.updatedAt !== other.updatedAt) return one.updatedAt < other.updatedAt ? 1 : -1;
  return one.id < other.id ? 1 : -1;
}

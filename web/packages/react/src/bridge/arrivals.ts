/** Conversations that belong to the top of the list, but stood on no loaded page: the server shows them. */

import type { Conversation, ConversationPage, DuologueClient, Frame, Id, Pages } from '@duologue/client';
import { missesConversation } from '@duologue/client';
import type { Query } from '@tanstack/react-query';
import type { LiveQueries } from './live-queries.js';

type InboxPages = Pages<ConversationPage>;

/** Conversations whose absence is remembered; one that is forgotten is asked for once more. */
const MOST_ABSENT = 1000;

export class Arrivals {
  readonly #client: DuologueClient;
  readonly #live: LiveQueries<ConversationPage>;
  readonly #wanted = new Set<Id>();
  #isAsking = false;
  /**
   * Conversations that the server did not show on its first page, and up to where its answer held all facts. Those that it showed are not
   * settled by it: a fetch of another page that was under way brings the list back without them.
   */
  readonly #absent = new Map<Id, number>();

  constructor(client: DuologueClient, live: LiveQueries<ConversationPage>) {
    this.#client = client;
    this.#live = live;
  }

  /** Before `fact` is applied: notes what it misses, and fetches it. */
  look(pages: InboxPages, fact: Frame, query: Query): void {
    const id = conversationOf(fact);
    const position = 'position' in fact ? (fact.position ?? 0) : 0;
    if (id === undefined || position <= (this.#absent.get(id) ?? -1)) return;
    if (!(missesConversation(pages, fact) || isUsedUp(pages))) return;
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
      const position = fresh.position ?? 0;
      this.#settle(ids, fresh, position);
      this.#live.merge(query, position, (pages) => withArrived(pages, fresh, ids));
    } catch {
      // A query that wants to be fetched again tries by itself, and tells of errors.
      this.#live.restart(query);
    } finally {
      this.#isAsking = false;
    }
    if (this.#wanted.size > 0) await this.#ask(query);
  }

  #settle(ids: ReadonlySet<Id>, fresh: ConversationPage, position: number): void {
    const shown = new Set(fresh.data.conversations.map(({ id }) => id));
    for (const id of ids) {
      this.#absent.delete(id);
      if (!shown.has(id)) this.#absent.set(id, position);
    }
    for (const id of [...this.#absent.keys()].slice(0, -MOST_ABSENT)) this.#absent.delete(id);
  }
}

/** All that was loaded is gone, and there is more: nothing says whether what comes in stands above that. */
function isUsedUp({ pages }: InboxPages): boolean {
  return pages.every(({ data }) => data.conversations.length === 0) && pages.at(-1)?.data.meta.hasMore === true;
}

function conversationOf(fact: Frame): Id | undefined {
  if (fact.type === 'message.new' || fact.type === 'message.sent') return fact.payload.message.conversationId;
  return fact.type === 'message.deleted' ? fact.payload.conversationId : undefined;
}

/** The first page with those of `ids` that `fresh` shows, as it shows them; they stand nowhere else. Where nothing was left, `fresh` itself. */
function withArrived(known: InboxPages, fresh: ConversationPage, ids: ReadonlySet<Id>): InboxPages {
  if (isUsedUp(known)) return { pages: [fresh], pageParams: known.pageParams.slice(0, 1) };
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

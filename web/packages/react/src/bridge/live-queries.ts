/** Cached lists of one kind, kept up to date by facts: those that come in, and those that a fetch may have missed. */

import type { DuologueClient, Frame, Pages } from '@duologue/client';
import type { Query, QueryClient, QueryKey } from '@tanstack/react-query';
import { type Positioned, Soundness, UNSOUND } from './soundness.js';

export interface ListKind<P extends Positioned> {
  /** How the keys of its queries begin. */
  readonly queryKey: QueryKey;
  readonly reduce: (pages: Pages<P>, frame: Frame, queryKey: QueryKey) => Pages<P>;
  /** The pages to begin with again when they cannot be brought up to date. */
  readonly restart: (pages: Pages<P>, queryKey: QueryKey) => Pages<P>;
  /** Called before a fact is applied to pages: some facts speak of what only the server can show. */
  readonly look?: (pages: Pages<P>, fact: Frame, query: Query) => void;
}

export class LiveQueries<P extends Positioned> {
  readonly #client: DuologueClient;
  readonly #cache: QueryClient;
  readonly #kind: ListKind<P>;
  readonly #soundness = new Soundness();
  /** The last fact that went through `apply`: all before went through too, or were replayed. */
  #seen = UNSOUND;

  constructor(client: DuologueClient, cache: QueryClient, kind: ListKind<P>) {
    this.#client = client;
    this.#cache = cache;
    this.#kind = kind;
  }

  owns(query: Query): boolean {
    return this.#kind.queryKey.every((part, index) => query.queryKey[index] === part);
  }

  apply(frame: Frame): void {
    const position = 'position' in frame ? frame.position : undefined;
    for (const query of this.#queries()) {
      const pages = this.#pagesOf(query);
      if (pages !== undefined) this.#set(query, pages, this.#reduced(query, pages, frame));
    }
    if (position !== undefined) this.#seen = position;
  }

  /** A fetch of this query begins: it will bring these pages back as they are now. */
  fetching(query: Query): void {
    const pages = this.#pagesOf(query);
    if (pages !== undefined) this.#soundness.raise(pages, this.#seen);
  }

  /** A fetch brought pages: what happened since they were read is replayed over the whole. */
  fetched(query: Query): void {
    const pages = this.#pagesOf(query);
    if (pages === undefined) return;
    const facts = this.#factsFor(pages);
    if (facts === null) {
      this.restart(query);
      return;
    }
    const after = facts.reduce((known, fact) => this.#reduced(query, known, fact), pages);
    this.#soundness.raise(after, this.#seen);
    this.#set(query, pages, after);
  }

  /** After a time in which facts may have passed this cache by. */
  fetchedAll(): void {
    for (const query of this.#queries()) this.fetched(query);
  }

  restartAll(): void {
    for (const query of this.#queries()) this.restart(query);
  }

  /** Takes another snapshot of the first page; at once where somebody looks at it. */
  restart(query: Query): void {
    const pages = this.#pagesOf(query);
    if (pages === undefined) return;
    const first = this.#kind.restart(pages, query.queryKey);
    this.#soundness.spoil(first);
    this.#set(query, pages, first);
    this.#cache.invalidateQueries({ queryKey: query.queryKey, exact: true });
  }

  /** An edit by something that was read at `position`: facts after it are replayed. */
  merge(query: Query, position: number, change: (pages: Pages<P>) => Pages<P>): void {
    const pages = this.#pagesOf(query);
    if (pages === undefined) return;
    const after = change(pages);
    if (after === pages) return;
    this.#soundness.inherit(pages, after, position);
    this.#set(query, pages, after);
    this.fetched(query);
  }

  #factsFor(pages: Pages<P>): readonly Frame[] | null {
    const cursor = this.#client.cursor.get();
    const since = this.#soundness.of(pages);
    // Nothing is known yet of what happens: as soon as it is, all lists are looked at again.
    if (cursor === null || since >= cursor.position) return [];
    return since === UNSOUND ? null : this.#client.factsSince(since);
  }

  #reduced(query: Query, pages: Pages<P>, frame: Frame): Pages<P> {
    this.#kind.look?.(pages, frame, query);
    const after = this.#kind.reduce(pages, frame, query.queryKey);
    if (after !== pages) this.#soundness.inherit(pages, after);
    return after;
  }

  #queries(): Query[] {
    return this.#cache.getQueryCache().findAll({ queryKey: this.#kind.queryKey });
  }

  #pagesOf(query: Query): Pages<P> | undefined {
    return this.#cache.getQueryData<Pages<P>>(query.queryKey);
  }

  /** An edit is no fetch: what the last one left behind, an error or the wish for another, stays. */
  #set(query: Query, before: Pages<P>, after: Pages<P>): void {
    if (after === before) return;
    const { error, status, isInvalidated } = query.state;
    this.#cache.setQueryData(query.queryKey, after);
    if (isInvalidated || error !== null) query.setState({ error, status, isInvalidated });
  }
}

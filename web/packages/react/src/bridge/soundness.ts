/**
 * Up to which position a page of a list holds every fact. A page says it of the moment it was read; the bridge knows more, as it applied what
 * came since. Kept beside the pages, since a fetch of one more page brings back the others as they were when it began.
 */

import type { Pages } from '@duologue/client';

export interface Positioned {
  readonly position?: number;
}

/** Something may be missing whatever is replayed: only another snapshot helps. */
export const UNSOUND = -1;

export class Soundness {
  readonly #upTo = new WeakMap<Positioned, number>();

  /** The position from which facts must be replayed over these pages, all of them counted. */
  of({ pages }: Pages<Positioned>): number {
    return Math.min(...pages.map((page) => this.#ofPage(page)));
  }

  /** These pages hold all up to there; what was unsound stays it. */
  raise({ pages }: Pages<Positioned>, position: number): void {
    for (const page of pages) {
      const before = this.#ofPage(page);
      if (before !== UNSOUND) this.#upTo.set(page, Math.max(before, position));
    }
  }

  /** `after` is `before` with a change: pages that are new objects know what the old ones did, and no more than `atMost`. */
  inherit(before: Pages<Positioned>, after: Pages<Positioned>, atMost = Number.POSITIVE_INFINITY): void {
    const upTo = Math.min(this.of(before), atMost);
    for (const page of after.pages) if (!before.pages.includes(page)) this.#upTo.set(page, upTo);
  }

  spoil({ pages }: Pages<Positioned>): void {
    for (const page of pages) this.#upTo.set(page, UNSOUND);
  }

  #ofPage(page: Positioned): number {
    return this.#upTo.get(page) ?? page.position ?? Number.POSITIVE_INFINITY;
  }
}

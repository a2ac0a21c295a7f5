/** Editing pages as the reducers do: what does not change stays the same object. Pure. */

import type { Pages } from '../model.js';

/** A first page that grows past this is split in two, so that no page grows without end. */
export const MOST_PER_PAGE = 100;

interface Positioned {
  readonly position?: number;
}

/** Whether every page was read after that fact: then the fact says nothing new. */
export function holds(pages: Pages<Positioned>, position: number | undefined): boolean {
  return position !== undefined && pages.pages.every((page) => (page.position ?? -1) >= position);
}

/** The same pages, known to hold all facts up to `position`. */
export function stamped<P extends Positioned>(pages: Pages<P>, position: number | undefined): Pages<P> {
  if (position === undefined || holds(pages, position)) return pages;
  const upTo = (page: P): P => ({ ...page, position: Math.max(page.position ?? -1, position) });
  return { ...pages, pages: pages.pages.map(upTo) };
}

/** Each item through `change`; null takes it out. The same array if nothing changed. */
export function edited<T>(items: T[], change: (item: T) => T | null): T[] {
  const after = items.map(change);
  if (after.every((item, index) => item === items[index])) return items;
  return after.filter((item) => item !== null);
}

/** Each page through `change`; the same object if no page changed. */
export function mapped<P>(pages: Pages<P>, change: (page: P) => P): Pages<P> {
  const after = pages.pages.map(change);
  return after.every((page, index) => page === pages.pages[index]) ? pages : { ...pages, pages: after };
}

/** One page in place of another. */
export function replaced<P>(pages: Pages<P>, index: number, page: P): Pages<P> {
  return { ...pages, pages: pages.pages.with(index, page) };
}

/** The first page as two, the newer one first. */
export function divided<P>(pages: Pages<P>, parts: readonly [P, P], params: readonly [unknown, unknown]): Pages<P> {
  return {
    pages: [...parts, ...pages.pages.slice(1)],
    pageParams: [...params, ...pages.pageParams.slice(1)],
  };
}

/** Keeps the reader's place in a scroller while messages come, go and grow around it. */

/** Within so many pixels of its end the reader counts as standing there. */
const END_SLACK = 48;
/** Elements that carry a message's key. */
const ROWS = '[data-key]';

/** A row that could be seen, and how far its upper edge was below the scroller's. */
interface Anchor {
  readonly key: string;
  readonly top: number;
}
/** The rows on the screen, first to last: if the first is gone, the next will do. */
export type Place = readonly Anchor[];

export function takePlace(scroller: HTMLElement): Place {
  const { top, bottom } = scroller.getBoundingClientRect();
  const place: Anchor[] = [];
  for (const row of rowsOf(scroller)) {
    const box = row.getBoundingClientRect();
    if (box.bottom <= top) continue;
    if (box.top >= bottom) break;
    place.push({ key: row.dataset.key ?? '', top: box.top - top });
  }
  return place;
}

/** Scrolls so that the first of the anchors which is still there stands where it stood. */
export function putPlace(scroller: HTMLElement, place: Place): void {
  const rows = new Map(rowsOf(scroller).map((one) => [one.dataset.key, one]));
  const anchor = place.find(({ key }) => rows.has(key));
  const row = rows.get(anchor?.key);
  if (anchor === undefined || row === undefined) return;
  const moved = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - anchor.top;
  if (moved !== 0) scroller.scrollTop += moved;
}

export function isAtEnd(scroller: HTMLElement): boolean {
  return belowOf(scroller) <= END_SLACK;
}

/** Pixels of content that are below what can be seen. */
export function belowOf(scroller: HTMLElement): number {
  return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
}

export function toEnd(scroller: HTMLElement): void {
  scroller.scrollTop = scroller.scrollHeight;
}

/** Shows the element at the upper edge, or in the middle. The page around the scroller stays where it is. */
export function showElement(scroller: HTMLElement, element: Element, where: 'start' | 'center'): void {
  const box = element.getBoundingClientRect();
  const free = scroller.clientHeight - box.height;
  const margin = where === 'center' ? Math.max(0, free / 2) : Math.min(START_MARGIN, Math.max(0, free));
  scroller.scrollTop += box.top - scroller.getBoundingClientRect().top - margin;
}
/** Room above what is shown at the start, for the date that sticks there. */
const START_MARGIN = 56;

export function rowOf(scroller: HTMLElement, key: string): HTMLElement | undefined {
  return rowsOf(scroller).find((row) => row.dataset.key === key);
}

export function rowsOf(scroller: HTMLElement): HTMLElement[] {
  return [...scroller.querySelectorAll<HTMLElement>(ROWS)];
}

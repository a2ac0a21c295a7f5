/** Keeps the reader's place in a scroller while messages come, go and grow around it. */

/** Within so many pixels of its end the reader counts as standing there. */
const END_SLACK = 48;
/** Room above what is shown at the start: for the unread line, and the date that sticks there. */
const START_MARGIN = 96;
/** Elements that carry a message's key. */
const ROWS = '[data-key]';

/** A row that could be seen, and how far its upper edge was below the scroller's. */
interface Anchor {
  readonly key: string;
  readonly top: number;
}
/**
 * The rows on the screen: if the first is gone, the next will do. One that is cut off at the top comes last, since it may grow
 * where nobody looks.
 */
export type Place = readonly Anchor[];

export function takePlace(scroller: HTMLElement): Place {
  const { top, bottom } = scroller.getBoundingClientRect();
  const cut: Anchor[] = [];
  const place: Anchor[] = [];
  for (const row of rowsOf(scroller)) {
    const box = row.getBoundingClientRect();
    if (box.bottom <= top) continue;
    if (box.top >= bottom) break;
    (box.top < top ? cut : place).push({ key: row.dataset.key ?? '', top: box.top - top });
  }
  return [...place, ...cut];
}

/**
 * Scrolls so that the first of the anchors which is still there stands where it stood. False: it cannot, there is too little
 * above or below it yet.
 */
export function putPlace(scroller: HTMLElement, place: Place): boolean {
  const rows = new Map(rowsOf(scroller).map((one) => [one.dataset.key, one]));
  const anchor = place.find(({ key }) => rows.has(key));
  const row = rows.get(anchor?.key);
  if (anchor === undefined || row === undefined) return true;
  const missing = () => row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - anchor.top;
  const moved = missing();
  if (moved === 0) return true;
  scroller.scrollTop += moved;
  return Math.abs(missing()) < 1;
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
export function rowOf(scroller: HTMLElement, key: string): HTMLElement | undefined {
  return rowsOf(scroller).find((row) => row.dataset.key === key);
}

export function rowsOf(scroller: HTMLElement): HTMLElement[] {
  return [...scroller.querySelectorAll<HTMLElement>(ROWS)];
}

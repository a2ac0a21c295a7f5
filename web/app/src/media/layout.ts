/** Where the pictures of a message stand, and how much room they are given before they come. Pure. */

export interface Sized {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** A grid: the shape of the whole, its tracks, and where each cell stands (CSS `grid-area`). */
export interface Layout {
  /** Width by height of the whole. */
  readonly ratio: number;
  readonly columns: string;
  readonly rows: string;
  readonly areas: readonly string[];
  /** How many are not shown; the last cell says so. */
  readonly hidden: number;
}

const MOST_CELLS = 4;
/** Outside of these a lone picture is cut in the timeline; the lightbox shows it whole. */
const NARROWEST = 0.6;
const WIDEST = 2.4;
/** Where nothing is known yet. */
const UNKNOWN = 4 / 3;

/** Width by height, kept within what a timeline can bear. */
export function ratioOf({ width, height }: Sized): number {
  if (!(width && height)) return UNKNOWN;
  return Math.min(WIDEST, Math.max(NARROWEST, width / height));
}

/** One alone in its own shape, two beside each other, three with the first one tall, else four in a square. */
export function layOut(items: readonly Sized[]): Layout {
  const [first = {}] = items;
  const hidden = Math.max(0, items.length - MOST_CELLS);
  if (items.length <= 1) return { ratio: ratioOf(first), columns: '1fr', rows: '1fr', areas: ['1 / 1'], hidden };
  if (items.length === 2) return { ratio: 2, columns: '1fr 1fr', rows: '1fr', areas: ['1 / 1', '1 / 2'], hidden };
  if (items.length === 3) {
    const areas = ['1 / 1 / 3 / 2', '1 / 2', '2 / 2'];
    return { ratio: 3 / 2, columns: '2fr 1fr', rows: '1fr 1fr', areas, hidden };
  }
  const areas = ['1 / 1', '1 / 2', '2 / 1', '2 / 2'];
  return { ratio: 1, columns: '1fr 1fr', rows: '1fr 1fr', areas, hidden };
}

/** The server's thumbnail is a square of the middle, 400 pixels wide: enough for a cell, too little for a lone picture that is no square. */
export function isThumbnailEnough(items: readonly Sized[]): boolean {
  if (items.length > 1) return true;
  const { width = 0, height = 0 } = items[0] ?? {};
  return width > 0 && height > 0 && Math.max(width, height) <= 400 && Math.abs(width / height - 1) < 0.05;
}

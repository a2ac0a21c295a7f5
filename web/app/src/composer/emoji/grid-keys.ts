/** Moving through a grid of buttons that wraps as it likes. Pure: places come in. */

/** Of a button on the screen. */
export interface Spot {
  readonly left: number;
  readonly top: number;
}

/** Where the focus goes; null: the key means nothing here. `direction` turns left and right around. */
export function moveInGrid(key: string, now: number, spots: readonly Spot[], direction: 'ltr' | 'rtl'): number | null {
  const forward = direction === 'ltr' ? 'ArrowRight' : 'ArrowLeft';
  const back = direction === 'ltr' ? 'ArrowLeft' : 'ArrowRight';
  if (key === forward) return Math.min(spots.length - 1, now + 1);
  if (key === back) return Math.max(0, now - 1);
  if (key === 'Home') return 0;
  if (key === 'End') return spots.length - 1;
  if (key === 'ArrowDown') return nearest(now, spots, 1);
  return key === 'ArrowUp' ? nearest(now, spots, -1) : null;
}

/** The one above or below: in the next row, as near as possible; itself at the edge. */
function nearest(now: number, spots: readonly Spot[], step: 1 | -1): number {
  const here = spots[now];
  if (!here) return now;
  const beyond = spots.map(({ top }) => (top - here.top) * step).filter((distance) => distance > 1);
  const row = Math.min(...beyond);
  const inRow = spots
    .map((spot, index) => ({ index, off: Math.abs(spot.left - here.left), distance: (spot.top - here.top) * step }))
    .filter(({ distance }) => Math.abs(distance - row) <= 1)
    .sort((one, other) => one.off - other.off);
  return inRow[0]?.index ?? now;
}

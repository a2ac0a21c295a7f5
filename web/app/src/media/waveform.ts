/** Loudness as a shape: bars with round ends, one SVG path in a box of `bars` by 100. Pure. */

export interface Bars {
  /** An SVG path of strokes; the stroke's width is up to the style sheet. */
  readonly path: string;
  /** Width of the box. */
  readonly width: number;
}

/** Height of the box. */
export const BOX = 100;
/** A silent bar still shows. */
const LEAST = 8;
const STEP = 10;

/** `count` peaks out of however many there are, each the loudest of its part; 0 to 100. */
export function resample(peaks: readonly number[], count: number): number[] {
  if (peaks.length === 0) return Array.from({ length: count }, () => 0);
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor((at * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((at + 1) * peaks.length) / count));
    return Math.max(0, ...peaks.slice(from, to));
  });
}

/** Bars that stand around the middle line. */
export function toBars(peaks: readonly number[], count: number): Bars {
  const strokes = resample(peaks, count).map((peak, at) => {
    const height = Math.max(LEAST, Math.min(BOX, peak) * 0.92);
    const x = at * STEP + STEP / 2;
    return `M${x} ${round((BOX - height) / 2)}V${round((BOX + height) / 2)}`;
  });
  return { path: strokes.join(''), width: count * STEP };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

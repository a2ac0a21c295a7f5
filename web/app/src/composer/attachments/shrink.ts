/** Whether a picture is written anew before it goes up, and at which size. Pure; `redraw.ts` does it. */

import { MB } from '../limits';

/** Pixels on the longer side that the server keeps. */
export const SIDE = 1920;
/** Bytes below which nothing is gained. */
const SMALL = 300 * 1024;
/** Bytes that a picture of the right size may have. */
const FINE = 1.5 * MB;
const REDRAWN = ['image/jpeg', 'image/png', 'image/webp'];
const HEAD = 64 * 1024;

/** Bytes enough to know whether it moves. */
export function headOf(blob: Blob): Blob {
  return blob.slice(0, HEAD);
}

/** Whether it is worth opening at all. */
export function mayShrink(type: string, size: number): boolean {
  return REDRAWN.includes(type) && size > SMALL;
}

/** Whether a picture with so many pixels and bytes becomes smaller by it. */
export function shouldShrink(width: number, height: number, size: number): boolean {
  return size > SMALL && (Math.max(width, height) > SIDE || size > FINE);
}

/** At most 1920 on a side, in the same proportions, and never nothing. */
export function targetSize(width: number, height: number): { width: number; height: number } {
  const factor = Math.min(1, SIDE / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** Whether the first bytes of a PNG or WebP say that it moves: redrawing would keep its first frame alone. */
export function isAnimated(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head);
  if (text.slice(1, 4) === 'PNG') return isBefore(text, 'acTL', 'IDAT');
  // VP8X, its flags: bit 1 is animation.
  return text.startsWith('RIFF') && text.slice(8, 16) === 'WEBPVP8X' && Math.floor((head[20] ?? 0) / 2) % 2 === 1;
}

function isBefore(text: string, one: string, other: string): boolean {
  const at = text.indexOf(one);
  const end = text.indexOf(other);
  return at >= 0 && (end < 0 || at < end);
}

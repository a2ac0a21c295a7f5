/** How far a picture is zoomed and moved in the lightbox. Pure; lengths are CSS pixels, the origin is the middle of the stage. */

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const CLOSEST = 6;
/** What a double click zooms to. */
export const CLOSE = 2.5;

/** Zoomed by `factor` so that what is under `at` stays there. */
export function zoomAt(view: View, factor: number, at: Point): View {
  const scale = Math.min(CLOSEST, Math.max(1, view.scale * factor));
  if (scale === 1) return WHOLE;
  const by = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by };
}

export function panBy(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** Moved back so far that no gap opens between the picture's edge and the stage. */
export function keepInside(view: View, picture: Size, stage: Size): View {
  const limit = (shown: number, room: number): number => Math.max(0, (shown * view.scale - room) / 2);
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(-most, value));
  const x = clamp(view.x, limit(picture.width, stage.width));
  const y = clamp(view.y, limit(picture.height, stage.height));
  return x === view.x && y === view.y ? view : { ...view, x, y };
}

/** 1 to the next, -1 back, 0 stay: a swipe counts from a fifth of the stage, or 60 pixels in a flick. */
export function swipeStep(dx: number, dy: number, ms: number, stage: Size): -1 | 0 | 1 {
  if (Math.abs(dx) < Math.abs(dy) * 1.2) return 0;
  const isFlick = ms < 250 && Math.abs(dx) > 60;
  if (!isFlick && Math.abs(dx) < stage.width / 5) return 0;
  return dx < 0 ? 1 : -1;
}

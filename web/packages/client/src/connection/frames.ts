/** Frames as text. */

import type { Frame } from '../wire.js';

/** Null: it is none. A type that is not known yet is one all the same: newer servers have more. */
export function decode(text: string): Frame | null {
  try {
    const found: unknown = JSON.parse(text);
    return isFrame(found) ? found : null;
  } catch {
    return null;
  }
}

/** What the server sends is believed to be as the server's structs say, if it has the outline of a frame. */
function isFrame(value: unknown): value is Frame {
  if (typeof value !== 'object' || value === null || !('type' in value && 'payload' in value)) return false;
  return typeof value.type === 'string' && typeof value.payload === 'object' && value.payload !== null;
}

/** The id of the command that a frame answers. */
export function answeredId(frame: Frame): string | number | null {
  return 'id' in frame ? (frame.id ?? null) : null;
}

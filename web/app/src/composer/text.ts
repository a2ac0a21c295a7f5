/** Message text, counted and judged as the server does (core/text.py). */

import { MAX_TEXT } from './limits';

// C0 and C1 controls but tab and newline are taken out before the text is counted.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it names them to remove them
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const SURROGATE_PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text as the server will store it: no control characters, CR LF as LF, no half characters. */
export function normalise(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROLS, '').replace(LONE_SURROGATES, '');
}

/** Code points, which is what the server counts: one for most emoji, two UTF-16 units notwithstanding. */
export function countText(text: string): number {
  const clean = normalise(text);
  return clean.length - (clean.match(SURROGATE_PAIRS)?.length ?? 0);
}

export type TextVerdict = 'empty' | 'too_long' | 'ok';

/** Whether the server would take this as the text of a message. Under files an empty one is no fault. */
export function judgeText(text: string): TextVerdict {
  if (countText(text) > MAX_TEXT) return 'too_long';
  return normalise(text).trim() === '' ? 'empty' : 'ok';
}

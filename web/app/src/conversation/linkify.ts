/** Finds the addresses in a text. Pure; nothing but http and https becomes a link. */

export type Piece = {
  readonly kind: 'text' | 'link';
  readonly text: string;
  readonly href?: string;
  readonly at: number;
};

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/giu;
/** What ends a sentence and not an address. */
const TRAILING = /[.,;:!?…、。，！？»”’*_~]+$/u;
const BRACKETS = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
] as const;

/** The text as it stands, in pieces; `at` is where a piece begins. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trim(match[0]);
    if (!isAddress(address)) continue;
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index), at: end });
    pieces.push({ kind: 'link', text: address, href: address, at: match.index });
    end = match.index + address.length;
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end), at: end });
  return pieces;
}

/** Without the full stop, and without the bracket that was opened before the address. */
function trim(found: string): string {
  let address = found.replace(TRAILING, '');
  for (const [open, close] of BRACKETS) {
    while (address.endsWith(close) && count(address, close) > count(address, open)) {
      address = address.slice(0, -1).replace(TRAILING, '');
    }
  }
  return address;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** A name and a password before the host make one address look like another: no link. */
function isAddress(text: string): boolean {
  try {
    const url = new URL(text);
    return ['http:', 'https:'].includes(url.protocol) && url.hostname !== '' && url.username === '';
  } catch {
    return false;
  }
}

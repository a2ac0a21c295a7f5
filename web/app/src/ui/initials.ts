const CLOTHS = ['ochre', 'clay', 'rose', 'plum', 'slate', 'moss'] as const;
export type Cloth = (typeof CLOTHS)[number];

/** The same cloth for the same name, on every device. */
export function clothOf(name: string): Cloth {
  let hash = 7;
  for (const letter of name) hash = (hash * 131 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return CLOTHS[hash % CLOTHS.length] ?? 'ochre';
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
// Thai vowels that are written before their consonant: the consonant is the initial.
const LEADING_VOWELS = /^[\u0E40-\u0E44]+/u;
const BETWEEN_WORDS = /[\s._-]+/u;
const LETTER = /[\p{L}\p{N}]/u;

function initialOf(word: string): string {
  const from = word.replace(LEADING_VOWELS, '');
  for (const { segment } of segmenter.segment(from)) if (LETTER.test(segment)) return segment.normalize('NFC');
  return '';
}

/** One or two letters of a name, of any script; a character of it, if it has no letter. */
export function initialsOf(name: string): string {
  const words = name.split(BETWEEN_WORDS).map(initialOf);
  const initials = words.filter((initial) => initial !== '');
  const first = initials[0] ?? [...name.trim()][0] ?? '?';
  const last = initials.length > 1 ? (initials.at(-1) ?? '') : '';
  return (first + last).toLocaleUpperCase();
}

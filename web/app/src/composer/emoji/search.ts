/** Emoji by name, in English and Thai alike, whatever language the page speaks. Pure. */

import type { Row } from './names';

const BLANKS = /\s+/u;
const ACCENTS = /(?<=\p{Script=Latin})\p{Mn}+/gu;

// Accents are dropped in Latin alone: Thai vowels are marks too, and make the word.
function fold(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(ACCENTS, '').normalize('NFC').trim();
}

/** How well a row fits: 0 its name begins so, 1 a word of it does, 2 it is somewhere inside, 3 not at all. */
function rank(row: Row, wanted: string): 0 | 1 | 2 | 3 {
  const [emoji, ...texts] = row;
  const names = texts.flatMap((text) => fold(text).split(','));
  if (emoji === wanted || texts.some((text) => fold(text).startsWith(wanted))) return 0;
  if (names.some((name) => name.startsWith(wanted) || name.includes(` ${wanted}`))) return 1;
  return names.some((name) => name.includes(wanted)) ? 2 : 3;
}

/** Rows of which every word of the query fits some name, best first; within that in their own order. */
export function searchEmoji(rows: readonly Row[], query: string): Row[] {
  const words = fold(query).split(BLANKS).filter(Boolean);
  if (words.length === 0) return [...rows];
  return rows
    .map((row) => ({ row, worst: Math.max(...words.map((word) => rank(row, word))) }))
    .filter(({ worst }) => worst < 3)
    .sort((one, other) => one.worst - other.worst)
    .map(({ row }) => row);
}

/** The name to show and to read out, in the language of the page; English where there is no other. */
export function nameOf(row: Row, language: string): string {
  const text = language.startsWith('th') ? row[2] : row[1];
  return text.split(',')[0] ?? text;
}

/** Messages of nothing but a few emoji are shown larger. */

const EMOJI = /^(?:\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|.*(?:\p{Emoji_Presentation}|\uFE0F).*)$/su;
const WORDS = /[\p{Letter}\p{Number}]/u;
const MOST = 5;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Whether the text is one to five emoji and white space. */
export function isEmojiOnly(text: string): boolean {
  const marks = text.replace(/\s/gu, '');
  // An emoji is at most 35 code units: longer texts are not worth cutting up.
  if (marks === '' || marks.length > MOST * 35) return false;
  const found = [...graphemes.segment(marks)].map((part) => part.segment);
  return found.length <= MOST && found.every(isEmoji);
}

function isEmoji(grapheme: string): boolean {
  return EMOJI.test(grapheme) && (!WORDS.test(grapheme) || grapheme.includes('\u20E3'));
}

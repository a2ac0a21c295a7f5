import { expect, it } from 'vitest';
import { isEmojiOnly } from '../../src/conversation/emoji';

it.each(['🎉', '👍🏽 👋', '👩‍👩‍👧‍👦', '🇹🇭', '❤️', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '😀😀😀😀😀'])('shows %s larger', (text) => {
  expect(isEmojiOnly(text)).toBe(true);
});

it.each(['', '  ', '1', '#', '©', 'a🎉', '🎉!', '😀😀😀😀😀😀', 'ok', '❤️a'])('shows "%s" as any text', (text) => {
  expect(isEmojiOnly(text)).toBe(false);
});

/** Places in lists, as the server writes its cursors: where a page that was split here begins. Pure. */

import type { Conversation, Message } from '../wire.js';

// biome-ignore lint/security/noSecrets: the alphabet of base64
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Of a message in a history. */
export function messageCursor(message: Pick<Message, 'createdAt' | 'id'>): string {
  return base64(JSON.stringify({ created_at: message.createdAt, id: message.id }));
}

/** Of a conversation in the list. */
export function conversationCursor(conversation: Pick<Conversation, 'updatedAt' | 'id'>): string {
  return base64(JSON.stringify({ updated_at: conversation.updatedAt, id: conversation.id }));
}

/** Standard base64 of ASCII; `btoa` is not there on every platform. */
function base64(text: string): string {
  let encoded = '';
  for (let at = 0; at < text.length; at += 3) {
    const [one = 0, two = 0, three = 0] = [0, 1, 2].map((offset) => text.codePointAt(at + offset) ?? 0);
    const bits = one * 65_536 + two * 256 + three;
    const group = [18, 12, 6, 0].map((shift) => DIGITS.charAt(Math.floor(bits / 2 ** shift) % 64)).join('');
    encoded += group.slice(0, Math.min(4, text.length - at + 1)).padEnd(4, '=');
  }
  return encoded;
}

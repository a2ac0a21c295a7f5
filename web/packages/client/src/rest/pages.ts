/** What the server answers of a history, as pages of a timeline that go on in both directions. Pure. */

import { DuologueError } from '../errors.js';
import type { Answer, MessagePage } from '../model.js';
import { messageCursor } from '../state/cursors.js';
import type { Context, Message, MessageList } from '../wire.js';

/** The newest page, or the one next below the place that `cursor` names. */
export function olderPage(answer: Answer<MessageList>, cursor: string | undefined): MessagePage {
  const { messages, meta } = answer.data;
  const above = cursor === undefined ? null : cursorOf(messages[0], cursor);
  return { messages, older: meta.nextCursor ?? null, newer: above, position: positionOf(answer) };
}

/** The page next above the place that `cursor` names. */
export function newerPage(answer: Answer<MessageList>, cursor: string): MessagePage {
  const { messages, meta } = answer.data;
  const newer = meta.hasMore ? cursorOf(messages[0], cursor) : null;
  return { messages, older: cursorOf(messages.at(-1), cursor), newer, position: positionOf(answer) };
}

/** A message and its neighbours. */
export function contextPage(answer: Answer<Context>): MessagePage {
  const { messages, beforeCursor = null, afterCursor = null } = answer.data;
  return { messages, older: beforeCursor, newer: afterCursor, position: positionOf(answer) };
}

/** An empty page goes on from where it was asked. */
function cursorOf(message: Message | undefined, asked: string): string {
  return message === undefined ? asked : messageCursor(message);
}

/** Without it nobody can tell which facts a page holds: a proxy that takes it away breaks the client. */
function positionOf(answer: Answer<unknown>): number {
  if (answer.position !== undefined) return answer.position;
  throw new DuologueError('BAD_ANSWER', 'The answer lacks the header Duologue-Position');
}

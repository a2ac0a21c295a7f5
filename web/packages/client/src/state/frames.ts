/** Reading frames. Pure. */

import type { Conversation, ConversationPreview, ConversationUpdated, Frame } from '../wire.js';

/** A durable fact's place in the user's log; undefined of a frame that is none. */
export function positionOf(frame: Frame): number | undefined {
  return 'position' in frame ? frame.position : undefined;
}

/** The user's total after a fact, if it says. Frames that are no facts may come late: a total of theirs may be an old one. */
export function totalOf(frame: Frame): number | undefined {
  if (positionOf(frame) === undefined) return undefined;
  const { payload } = frame;
  return 'totalUnread' in payload ? payload.totalUnread : undefined;
}

/** `conversation.updated` as a fact; the other one is a preview, and says nothing that a fact does not. */
export function isUpdate(payload: ConversationPreview | ConversationUpdated): payload is ConversationUpdated {
  return 'totalUnread' in payload;
}

/** The conversation that a frame carries, when it appears in the list with it. */
export function conversationOf(frame: Frame): Conversation | undefined {
  const { payload } = frame;
  return 'conversation' in payload ? payload.conversation : undefined;
}

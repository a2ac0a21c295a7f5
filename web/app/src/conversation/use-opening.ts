import type { Messages } from '@duologue/react';
import { useEffect, useState } from 'react';
import { findUnread, type UnreadMark } from './unread';
import type { Start } from './use-timeline';

/** How a thread was opened; stays while it is open, whatever is read meanwhile. */
export interface Opening {
  readonly start: Start | null;
  readonly mark: UnreadMark | null;
}

/** Further back than this nobody is taken for the first unread message. */
const MOST = 400;

/** Null until it is known where to begin: the message asked for, the first unread one, or the end. */
export function useOpening(messages: Messages, around: string | undefined): Opening | null {
  const [opening, setOpening] = useState<Opening | null>(null);
  const isWanting = opening === null && messages.isLoaded && around === undefined && wantsOlder(messages);
  const { fetchOlder, items } = messages;
  // biome-ignore lint/correctness/useExhaustiveDependencies: as long as it wants more, each page that came asks for the next.
  useEffect(() => {
    if (isWanting) fetchOlder();
  }, [isWanting, fetchOlder, items]);
  if (opening !== null || !messages.isLoaded || isWanting) return opening;
  if (messages.items.length === 0 && messages.error !== null) return null;
  const found = open(messages, around);
  setOpening(found);
  return found;
}

function wantsOlder({ items, hasOlder, error }: Messages): boolean {
  return hasOlder && error === null && items.length < MOST && !findUnread(items).isWhole;
}

function open({ items }: Messages, around: string | undefined): Opening {
  if (around !== undefined) {
    const target = items.find((item) => item.kind === 'message' && item.message.id === around);
    return { start: target === undefined ? null : { key: target.key, where: 'center' }, mark: null };
  }
  const { mark } = findUnread(items);
  return { start: mark === null ? null : { key: mark.key, where: 'start' }, mark };
}

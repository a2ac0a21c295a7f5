/** A conversation's last message in one line. Pure: what to say, not in which language. */

import type { Draft, MessagePreview } from '@duologue/client';

export type PreviewKind = 'text' | 'image' | 'video' | 'file' | 'deleted' | 'none';

export interface Preview {
  readonly kind: PreviewKind;
  /** The text or the caption in one line; empty: only the kind can be named. */
  readonly text: string;
}

/** More than a line can show. */
const MOST = 160;
const SPACE = /\s+/gu;

export function previewOf(last: MessagePreview | null): Preview {
  if (last === null) return { kind: 'none', text: '' };
  const text = oneLine(last.content ?? '');
  if (last.type === 'text' && text === '') return { kind: 'deleted', text };
  return { kind: last.type, text };
}

/** The beginning of a text without its line breaks. */
export function oneLine(text: string): string {
  return text.slice(0, MOST).replace(SPACE, ' ').trim();
}

/** The same of one that is on its way. */
export function pendingPreview({ content, files = [] }: Draft): Preview {
  const kinds = new Set(files.map((file) => file.kind));
  const [kind = 'text'] = kinds;
  return { kind: kinds.size > 1 ? 'file' : kind, text: oneLine(content) };
}

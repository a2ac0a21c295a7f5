import type { Id } from '@duologue/client';
import { useDraft } from '@duologue/react';
import { useCallback, useState } from 'react';

export interface DraftField {
  readonly text: string;
  readonly setText: (text: string) => void;
}

/**
 * The text of the field: what was kept of it until a key is pressed here, then what is typed. It is not read back from the
 * store: another tab with the same conversation must not move the caret of this one.
 */
export function useDraftText(conversationId: Id): DraftField {
  const { text: kept, setText: keep } = useDraft(conversationId);
  const [typed, setTyped] = useState<string | null>(null);
  const setText = useCallback(
    (text: string) => {
      setTyped(text);
      keep(text);
    },
    [keep],
  );
  return { text: typed ?? kept, setText };
}

import { type RefObject, useCallback, useLayoutEffect, useRef } from 'react';

/** Puts something where the caret is, in place of what is selected, and gives the field the focus with the caret behind it. */
export function useInsert(
  field: RefObject<HTMLTextAreaElement | null>,
  text: string,
  setText: (text: string) => void,
): (piece: string) => void {
  const caret = useRef<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caret is set once the new text stands in the field
  useLayoutEffect(() => {
    if (caret.current === null) return;
    field.current?.focus();
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [field, text]);
  return useCallback(
    (piece: string) => {
      const start = field.current?.selectionStart ?? text.length;
      const end = field.current?.selectionEnd ?? text.length;
      caret.current = start + piece.length;
      setText(text.slice(0, start) + piece + text.slice(end));
    },
    [field, text, setText],
  );
}

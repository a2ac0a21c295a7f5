import { type RefObject, useLayoutEffect } from 'react';

/** As high as its text; the style sheet's `max-block-size` ends it, and then it scrolls. */
export function useAutosize(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what changes the height
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.blockSize = 'auto';
    const border = element.offsetHeight - element.clientHeight;
    element.style.blockSize = `${element.scrollHeight + border}px`;
  }, [field, text]);
}

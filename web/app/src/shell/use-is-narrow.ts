import { type RefObject, useLayoutEffect, useState } from 'react';

/** As in `shell.module.css`: below it, inbox and conversation stand one at a time. In rem. */
const WIDE = 53.75;

/** Whether the frame, which may be a corner of another site's page, has room for one of both alone. */
export function useIsNarrow(frame: RefObject<HTMLElement | null>): boolean {
  const [isNarrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const measure = () => setNarrow(element.clientWidth < WIDE * rem);
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return isNarrow;
}

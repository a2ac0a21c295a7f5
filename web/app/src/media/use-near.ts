import { type RefObject, useEffect, useState } from 'react';

/** How far from the screen something is fetched. */
const MARGIN = '600px';

/** Whether an element is on the screen or nearly; once it was, it stays so. */
export function useNear(element: RefObject<Element | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (isNear || !target) return;
    return whenNear(target, () => setNear(true));
  }, [element, isNear]);
  return isNear;
}

/** Calls back each time an element comes near the screen, until the returned function is called. */
export function whenNear(target: Element, callback: () => void): () => void {
  if (typeof IntersectionObserver !== 'function') {
    callback();
    return () => undefined;
  }
  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) callback();
    },
    // The timeline and the gallery scroll by themselves: without `scrollMargin` they would cut off all that is not on the screen yet.
    { rootMargin: MARGIN, scrollMargin: MARGIN },
  );
  observer.observe(target);
  return () => observer.disconnect();
}

import { type RefObject, useEffect, useState, useSyncExternalStore } from 'react';

/** Whether somebody looks at the element: it is in sight, and the tab is. */
export function useInSight(element: RefObject<Element | null>, isThere: boolean): boolean {
  const [isSeen, setSeen] = useState(false);
  const isVisible = useSyncExternalStore(subscribeToVisibility, () => document.visibilityState === 'visible');
  useEffect(() => {
    const { current } = element;
    if (current === null || !isThere) return;
    const observer = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(current);
    return () => {
      observer.disconnect();
      setSeen(false);
    };
  }, [element, isThere]);
  return isSeen && isVisible && isThere;
}

function subscribeToVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}

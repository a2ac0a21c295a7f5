import { type RefObject, useEffect, useRef, useState } from 'react';
import { hasFiles, type Taken, takeFiles } from './transfer';

/**
 * Files dragged over the page: says whether they are over `target`, and takes what is dropped there. Anywhere else on a page of our own a
 * drop does nothing: the browser would leave the page and show the file. In another site's page that is the site's affair.
 */
export function useDrop(target: RefObject<HTMLElement | null>, onDrop: (taken: Taken) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  useEffect(() => {
    latest.current = onDrop;
  });
  useEffect(() => {
    const over = (event: DragEvent) => {
      const where = placeOf(event, target.current);
      if (event.dataTransfer && where !== 'elsewhere') {
        event.preventDefault();
        event.dataTransfer.dropEffect = where === 'inside' ? 'copy' : 'none';
      }
      setOver(where === 'inside');
    };
    // Leaving one element for another says so too; only leaving the page has nowhere to go.
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) setOver(false);
    };
    const drop = (event: DragEvent) => {
      const where = placeOf(event, target.current);
      if (where !== 'elsewhere') event.preventDefault();
      setOver(false);
      if (event.dataTransfer && where === 'inside') latest.current(takeFiles(event.dataTransfer));
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, [target]);
  return isOver;
}

/** `beside`: on a page of our own, where nobody else takes the files. `elsewhere`: none of our business. */
function placeOf(event: DragEvent, target: HTMLElement | null): 'inside' | 'beside' | 'elsewhere' {
  if (target === null || !hasFiles(event.dataTransfer)) return 'elsewhere';
  if (event.composedPath().includes(target)) return 'inside';
  // An embedded inbox stands in a shadow root.
  const isOurs = target.getRootNode() instanceof Document;
  return isOurs && !event.defaultPrevented ? 'beside' : 'elsewhere';
}

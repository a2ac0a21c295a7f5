import { type RefObject, useEffect, useRef, useState } from 'react';
import { hasFiles, type Taken, takeFiles } from './transfer';

/**
 * Files dragged over the page: says whether they are over `target`, and takes what is dropped there. Anywhere else a drop does
 * nothing: the browser would leave the page and show the file.
 */
export function useDrop(target: RefObject<HTMLElement | null>, onDrop: (taken: Taken) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  useEffect(() => {
    latest.current = onDrop;
  });
  useEffect(() => {
    const isInside = (event: DragEvent) => {
      const element = target.current;
      return element !== null && event.composedPath().includes(element);
    };
    const over = (event: DragEvent) => {
      if (!(hasFiles(event.dataTransfer) && event.dataTransfer)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = isInside(event) ? 'copy' : 'none';
      setOver(isInside(event));
    };
    // Leaving one element for another says so too; only leaving the page has nowhere to go.
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!(hasFiles(event.dataTransfer) && event.dataTransfer)) return;
      event.preventDefault();
      setOver(false);
      if (isInside(event)) latest.current(takeFiles(event.dataTransfer));
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

import { type RefObject, useEffect, useRef } from 'react';
import { placeBeside } from './place';

export interface PopoverOptions {
  /** The button it belongs to. */
  readonly anchor: () => HTMLElement | null;
  /** Selects what has the focus first. */
  readonly first: string;
  /** Called when a press or the focus goes elsewhere: the focus is not to return then. */
  readonly onClose: (returnsFocus: boolean) => void;
}

/** For an element with `popover="manual"`: in the top layer beside its anchor while mounted. */
export function usePopover(options: PopoverOptions): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    const { anchor, first } = latest.current;
    const [popover, button] = [ref.current, anchor()];
    if (!(popover && button)) return;
    popover.showPopover();
    placeBeside(popover, button);
    popover.querySelector<HTMLElement>(first)?.focus();
    const leave = (event: Event) => {
      const path = event.composedPath();
      if (!(path.includes(popover) || path.includes(button))) latest.current.onClose(false);
    };
    document.addEventListener('pointerdown', leave, true);
    document.addEventListener('focusin', leave);
    return () => {
      if (popover.isConnected) popover.hidePopover();
      document.removeEventListener('pointerdown', leave, true);
      document.removeEventListener('focusin', leave);
    };
  }, []);
  return ref;
}

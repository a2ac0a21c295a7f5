import { type FocusEvent, type KeyboardEvent, type MouseEvent, useState } from 'react';
import { useLongPress } from '../ui/use-long-press';

/** The menu is there while the pointer or the focus is at the row: 150 rows do without 150 menus. */
export function useRowMenu() {
  const [isNear, setNear] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const press = useLongPress(() => setOpen(true), isPressable);
  const events = {
    ...press,
    onPointerEnter: () => setNear(true),
    onPointerLeave: () => setNear(false),
    onFocus: () => setNear(true),
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => {
      if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setNear(false);
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || event.target !== event.currentTarget) return;
      event.preventDefault();
      setOpen(true);
    },
    onContextMenu: (event: MouseEvent) => {
      if (!isPlain(event.target) || getSelection()?.isCollapsed === false) return;
      event.preventDefault();
      setOpen(true);
    },
  };
  return { isNear: isNear || isOpen, isOpen, setOpen, events };
}

/** Links, pictures and players keep the browser's own menu. */
function isPlain(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, img, video, audio') === null;
}

function isPressable(target: EventTarget): boolean {
  return isPlain(target) && target instanceof Element && target.closest('button, input, [role="menu"]') === null;
}

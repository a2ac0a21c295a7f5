import { type PointerEvent, type SyntheticEvent, useEffect, useMemo, useRef } from 'react';

/** Milliseconds that a finger rests, and pixels that it may tremble. */
const LONG = 500;
const SLOP = 10;

interface Press {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly row: HTMLElement;
  readonly x: number;
  readonly y: number;
}

/**
 * Events of what a finger may rest on, as it would be right-clicked: not every browser has a `contextmenu` of touch. A finger that
 * moves or scrolls presses nothing, and the end of a long press does nothing more. `data-pressing` stands on the element
 * meanwhile, for styles that keep the browser's own selection away. `isFor`: what of the element is meant.
 */
export function useLongPress(onLongPress: () => void, isFor?: (target: EventTarget) => boolean) {
  const latest = useRef({ onLongPress, isFor });
  latest.current = { onLongPress, isFor };
  const { end, events } = useMemo(() => {
    let press: Press | null = null;
    let wasLong = false;
    const cancel = () => {
      if (press === null) return;
      clearTimeout(press.timer);
      delete press.row.dataset.pressing;
      press = null;
    };
    const fire = () => {
      cancel();
      wasLong = true;
      latest.current.onLongPress();
    };
    const begin = ({ pointerType, isPrimary, target, currentTarget: row, clientX: x, clientY: y }: Pressed) => {
      cancel();
      wasLong = false;
      if (pointerType !== 'touch' || !isPrimary || latest.current.isFor?.(target) === false) return;
      row.dataset.pressing = '';
      press = { timer: setTimeout(fire, LONG), row, x, y };
    };
    const move = ({ clientX, clientY }: Pressed) => {
      if (press !== null && Math.hypot(clientX - press.x, clientY - press.y) > SLOP) cancel();
    };
    // A browser may take the end of a touch for a mouse's press and click: they would close what was opened, or go there.
    const swallow = (event: SyntheticEvent) => {
      if (!wasLong) return;
      wasLong = false;
      event.preventDefault();
      event.stopPropagation();
    };
    const moves = { onPointerDown: begin, onPointerMove: move, onPointerUp: cancel, onPointerCancel: cancel };
    return { end: cancel, events: { ...moves, onTouchEnd: swallow, onClickCapture: swallow } };
  }, []);
  useEffect(() => end, [end]);
  return events;
}

type Pressed = PointerEvent<HTMLElement>;

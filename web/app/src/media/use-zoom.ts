import { type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { CLOSE, keepInside, type Point, panBy, type Size, swipeStep, type View, WHOLE, zoomAt } from './zoom';

export interface Zoom {
  readonly view: View;
  readonly zoomBy: (factor: number) => void;
  /** For the stage. */
  readonly events: {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerUp: (event: PointerEvent) => void;
    readonly onPointerCancel: (event: PointerEvent) => void;
    readonly onDoubleClick: (event: { readonly clientX: number; readonly clientY: number }) => void;
  };
}

/** Of one finger; `other` is where a second one rests. */
interface Move {
  readonly before: Point;
  readonly now: Point;
  readonly other: Point | undefined;
}

/** Pixels that a press may move. */
const STILL = 6;

interface Start {
  readonly at: Point;
  readonly time: number;
}

/** Wheel, pinch, double click and drag on a stage, of which `picture` is the part that is zoomed. Unzoomed, a swipe steps, and a press beside it is told. */
export function useZoom(
  stage: RefObject<HTMLElement | null>,
  picture: RefObject<HTMLElement | null>,
  on: { readonly step: (by: -1 | 1) => void; readonly pressBeside: () => void },
): Zoom {
  const [view, setView] = useState<View>(WHOLE);
  const settle = useCallback(
    (to: (view: View) => View) => setView((now) => keepInside(to(now), sizeOf(picture.current), sizeOf(stage.current))),
    [stage, picture],
  );
  useWheel(stage, settle);
  const end = (from: Start, at: Point, time: number) => {
    if (view.scale > 1) return;
    const step = swipeStep(at.x - from.at.x, at.y - from.at.y, time - from.time, sizeOf(stage.current));
    if (step !== 0) on.step(step);
    else if (distance(from.at, at) < STILL && !isInside(picture.current, at)) on.pressBeside();
  };
  const pointers = usePointers((move) => settle((old) => drag(old, move, stage.current)), end);
  const toggle = (at: Point) =>
    settle((now) => (now.scale > 1 ? WHOLE : zoomAt(now, CLOSE, fromMiddle(stage.current, at))));
  return {
    view,
    zoomBy: (factor) => settle((now) => zoomAt(now, factor, { x: 0, y: 0 })),
    events: { ...pointers, onDoubleClick: ({ clientX: x, clientY: y }) => toggle({ x, y }) },
  };
}

type Settle = (to: (view: View) => View) => void;

/** React listens to the wheel passively: the page behind would scroll, and zoom with Ctrl. */
function useWheel(stage: RefObject<HTMLElement | null>, settle: Settle): void {
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const at = fromMiddle(element, { x: event.clientX, y: event.clientY });
      settle((now) => zoomAt(now, Math.exp(-event.deltaY / 300), at));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [stage, settle]);
}

/** Fingers on the stage: each move of one, with the other if there is one, and what a single one did from down to up. */
function usePointers(
  onMove: (move: Move) => void,
  onEnd: (start: Start, at: Point, time: number) => void,
): Omit<Zoom['events'], 'onDoubleClick'> {
  const pointers = useRef(new Map<number, Point>());
  const start = useRef<Start | null>(null);
  const down = (event: PointerEvent) => {
    pointers.current.set(event.pointerId, pointOf(event));
    start.current = pointers.current.size === 1 ? { at: pointOf(event), time: event.timeStamp } : null;
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, pointOf(event));
    onMove({ before, now: pointOf(event), other });
  };
  const up = (event: PointerEvent) => {
    const from = start.current;
    pointers.current.delete(event.pointerId);
    start.current = null;
    if (from && event.type !== 'pointercancel') onEnd(from, pointOf(event), event.timeStamp);
  };
  return { onPointerDown: down, onPointerMove: move, onPointerUp: up, onPointerCancel: up };
}

/** One finger moves what is zoomed; two zoom by how far they part. */
function drag(view: View, { before, now, other }: Move, stage: HTMLElement | null): View {
  if (!other) return view.scale === 1 ? view : panBy(view, now.x - before.x, now.y - before.y);
  const factor = distance(now, other) / Math.max(1, distance(before, other));
  return zoomAt(view, factor, fromMiddle(stage, between(now, other)));
}

function fromMiddle(stage: HTMLElement | null, point: Point): Point {
  const box = stage?.getBoundingClientRect();
  return box ? { x: point.x - box.left - box.width / 2, y: point.y - box.top - box.height / 2 } : point;
}

function pointOf({ clientX: x, clientY: y }: PointerEvent): Point {
  return { x, y };
}

function sizeOf(element: HTMLElement | null): Size {
  return { width: element?.offsetWidth ?? 0, height: element?.offsetHeight ?? 0 };
}

function isInside(element: HTMLElement | null, { x, y }: Point): boolean {
  const box = element?.getBoundingClientRect();
  return box !== undefined && x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function between(one: Point, other: Point): Point {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

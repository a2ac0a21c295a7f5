const GAP = 4;
const EDGE = 8;

/** Puts a popover under its anchor, towards the side with room, and above it if there is none below. */
export function placeBeside(popover: HTMLElement, anchor: HTMLElement): void {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const { innerWidth, innerHeight } = window;
  const endsAtEnd = box.left + box.width / 2 > innerWidth / 2;
  const left = endsAtEnd ? box.right - width : box.left;
  const below = box.bottom + GAP;
  const top = below + height > innerHeight - EDGE ? box.top - GAP - height : below;
  popover.style.left = `${clamp(left, EDGE, innerWidth - width - EDGE)}px`;
  popover.style.top = `${clamp(top, EDGE, innerHeight - height - EDGE)}px`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

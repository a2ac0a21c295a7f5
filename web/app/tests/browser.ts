/**
 * A document for the page, and what jsdom does not have of a browser: enough of it that the page can be used. Nothing has a size,
 * everything is in sight. To be imported before React, the testing library and the page.
 */

import '../../packages/react/tests/dom';

const nothing = () => undefined;
const UNUSED = { onchange: null, addListener: nothing, removeListener: nothing };

class InSight implements IntersectionObserver {
  readonly root = null;
  readonly rootMargin = '';
  readonly scrollMargin = '';
  readonly thresholds = [0];
  private readonly callback: IntersectionObserverCallback;
  constructor(callback: IntersectionObserverCallback) {
    this.callback = callback;
  }
  observe(target: Element): void {
    const box = target.getBoundingClientRect();
    const seen = { isIntersecting: true, intersectionRatio: 1, time: 0, target };
    const entry = { ...seen, boundingClientRect: box, intersectionRect: box, rootBounds: null };
    queueMicrotask(() => this.callback([entry], this));
  }
  disconnect = nothing;
  unobserve = nothing;
  takeRecords(): IntersectionObserverEntry[] {
    return [];
  }
}

class NoGrowth implements ResizeObserver {
  observe = nothing;
  disconnect = nothing;
  unobserve = nothing;
}

/** Says no to every question about the device. */
function matchMedia(media: string): MediaQueryList {
  return Object.assign(new EventTarget(), { matches: false, media, ...UNUSED });
}

const { window } = globalThis;
const added = { IntersectionObserver: InSight, ResizeObserver: NoGrowth, matchMedia };
Object.assign(window, added);
Object.assign(globalThis, added);
const names = [
  'Document',
  'ShadowRoot',
  'HTMLAnchorElement',
  'HTMLDialogElement',
  'HTMLTextAreaElement',
  'addEventListener',
  'getComputedStyle',
  'getSelection',
  'removeEventListener',
  'requestAnimationFrame',
] as const;
for (const name of names) {
  if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}
Object.assign(window.HTMLDialogElement.prototype, {
  showModal(this: HTMLDialogElement) {
    this.open = true;
  },
  close(this: HTMLDialogElement) {
    this.open = false;
  },
});
Object.assign(window.HTMLElement.prototype, { showPopover: nothing, hidePopover: nothing });
Object.assign(window.Element.prototype, { scrollIntoView: nothing, scrollTo: nothing });

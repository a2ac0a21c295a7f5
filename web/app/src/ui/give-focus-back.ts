/** What was decided in a dialog may take away what had opened it: the focus then stays near. */

import { focusedAround } from './focused';

/** Milliseconds in which a decision comes about: the server's answer, and the fact that it tells all. */
const COMES_ABOUT_MS = 5000;

/** To be called before the dialog takes the focus from `opener`; what it returns, after the dialog is gone. */
export function giveFocusBack(opener: Element | null): () => void {
  const around = ancestorsOf(opener);
  return () => {
    if (!(opener instanceof HTMLElement)) return;
    if (!opener.isConnected) {
      stayNear(around);
      return;
    }
    opener.focus();
    onceGone(opener, () => {
      if (isNowhere(around)) stayNear(around);
    });
  };
}

function ancestorsOf(element: Element | null): readonly Element[] {
  const parent = element?.parentElement ?? null;
  return parent === null ? [] : [parent, ...ancestorsOf(parent)];
}

/** To the nearest element of these that is left and takes the focus, or to what is in reach of a list that is left. */
function stayNear(around: readonly Element[]): void {
  for (const element of around) {
    if (!element.isConnected) continue;
    const target = element.hasAttribute('tabindex') ? element : element.matches('ul, ol') ? inReachOf(element) : null;
    if (!(target instanceof HTMLElement)) continue;
    target.focus();
    return;
  }
}

function inReachOf(list: Element): Element | null {
  return list.querySelector('[tabindex="0"]');
}

function isNowhere(around: readonly Element[]): boolean {
  const outermost = around.at(-1);
  if (outermost === undefined) return false;
  const focused = focusedAround(outermost);
  return focused === null || focused === document.body;
}

function onceGone(element: Element, callback: () => void): void {
  const observer = new MutationObserver(() => {
    if (element.isConnected) return;
    stop();
    callback();
  });
  const timer = setTimeout(() => observer.disconnect(), COMES_ABOUT_MS);
  const stop = () => {
    observer.disconnect();
    clearTimeout(timer);
  };
  observer.observe(element.getRootNode(), { childList: true, subtree: true });
}

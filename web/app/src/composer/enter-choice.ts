/** What Enter does in the message field, as chosen for this device. */

import { createStore, type Readable } from '@duologue/client';
import { useStore } from '@duologue/react';

export interface EnterChoice extends Readable<boolean | null> {
  readonly change: (sends: boolean) => void;
}

const KEY = 'duologue.enter';
const COARSE = '(pointer: coarse)';

/** Null until something is chosen. Without a storage (closed to this page) a choice holds as long as the page. */
export function createEnterChoice(open: () => Pick<Storage, 'getItem' | 'setItem'>): EnterChoice {
  const store = createStore(read(open));
  return {
    get: store.get,
    subscribe: store.subscribe,
    change: (sends) => {
      store.set(sends);
      try {
        open().setItem(KEY, sends ? 'send' : 'newline');
      } catch {
        // Full, or closed.
      }
    },
  };
}

function read(open: () => Pick<Storage, 'getItem'>): boolean | null {
  try {
    const kept = open().getItem(KEY);
    return kept === 'send' || kept === 'newline' ? kept === 'send' : null;
  } catch {
    return null;
  }
}

export const enterChoice = createEnterChoice(() => window.localStorage);

/** Whether Enter alone sends. Where nothing was chosen it does, but on a touch screen: there is no Shift at hand for a newline. */
export function useEnterSends(): boolean {
  return useStore(enterChoice) ?? !window.matchMedia(COARSE).matches;
}

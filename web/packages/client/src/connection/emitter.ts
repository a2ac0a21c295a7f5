/** Listeners for frames. */

import type { Timers } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import type { Frame } from '../wire.js';

type FrameListener = (frame: Frame) => void;

export interface Emitter {
  readonly emit: FrameListener;
  readonly subscribe: (listener: FrameListener) => Unsubscribe;
}

/** One that throws keeps nobody else from hearing, nor the connection from going on: its error shows by itself. */
export function createEmitter(timers: Timers): Emitter {
  const listeners = new Set<FrameListener>();
  const tell = (listener: FrameListener, frame: Frame): void => {
    try {
      listener(frame);
    } catch (error) {
      timers.after(0, () => {
        throw error;
      });
    }
  };
  return {
    emit: (frame) => {
      for (const listener of [...listeners]) tell(listener, frame);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

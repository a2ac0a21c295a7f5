/** What a tab is at a time: leader or follower. */

import type { Command, Frame } from '../wire.js';
import type { Note } from './notes.js';

export interface Role {
  readonly start: () => void;
  readonly stop: () => void;
  readonly tell: (command: Command) => boolean;
  readonly ask: (command: Command) => Promise<Frame>;
  readonly reconnect: () => void;
  /** A frame is about to be handed on in this tab. */
  readonly frame: (frame: Frame) => void;
  /** Another tab said something. */
  readonly receive: (note: Note) => void;
}

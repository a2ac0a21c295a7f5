/** One tab's way to the server, whatever carries it: its own socket, another tab's, or HTTP. `connection/` makes one. */

import type { ConnectionStatus, Cursor } from './model.js';
import type { Readable, Unsubscribe } from './store.js';
import type { Command, Frame } from './wire.js';

export interface Connection {
  readonly status: Readable<ConnectionStatus>;
  readonly cursor: Readable<Cursor | null>;
  readonly start: () => void;
  readonly stop: () => void;
  /** Now, if connected; says whether it went out. For what may be lost: typing. */
  readonly tell: (command: Command) => boolean;
  /**
   * Resolves with the frame that answers. Rejects with a DuologueError: as the server said, or UNAVAILABLE with
   * `isLost: true` if the connection went before an answer. Any tab may ask: a follower does through the leader.
   */
  readonly ask: (command: Command) => Promise<Frame>;
  /**
   * Every frame that is not the connection's own business. Facts come in the order of their positions, each once;
   * `resume.reset` says that snapshots must be taken anew.
   */
  readonly onFrame: (listener: (frame: Frame) => void) => Unsubscribe;
  /** A token changed, or the person pressed "now": connect at once, also when stopped. */
  readonly reconnect: () => void;
}

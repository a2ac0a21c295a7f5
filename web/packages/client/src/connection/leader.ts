/** The tab that has the connection, and shares it with all others. */

import type { ConnectionStatus } from '../model.js';
import type { Unsubscribe } from '../store.js';
import type { Command, Frame } from '../wire.js';
import type { Numbered } from './asks.js';
import { Direct, type DirectOptions } from './direct.js';
import { type Note, sentError } from './notes.js';
import { positionOf } from './order.js';
import type { Role } from './role.js';

export interface LeaderOptions extends DirectOptions {
  readonly tab: string;
  readonly post: (note: Note) => void;
  readonly status: (status: ConnectionStatus) => void;
}

export class Leader implements Role {
  readonly #options: LeaderOptions;
  readonly #direct: Direct;
  /** The last fact that was shared, or where this tab stood when it began to lead. */
  #last: number | null;
  /** Who of the partners is online, for tabs that come later. */
  readonly #online = new Map<string, boolean>();
  #ends: Unsubscribe[] = [];

  constructor(options: LeaderOptions) {
    this.#options = options;
    this.#direct = new Direct(options);
    this.#last = options.stream.cursor.get()?.position ?? null;
  }

  start(): void {
    const { stream } = this.#options;
    let hasCursor = stream.cursor.get() !== null;
    const begun = stream.cursor.subscribe(() => {
      if (hasCursor) return;
      hasCursor = true;
      this.#last ??= stream.cursor.get()?.position ?? null;
      this.#share();
    });
    this.#ends = [begun, this.#direct.status.subscribe(() => this.#share())];
    this.#direct.start();
  }

  stop(): void {
    for (const end of this.#ends) end();
    this.#direct.stop();
  }

  tell(command: Command): boolean {
    return this.#direct.tell(command);
  }

  ask(command: Command): Promise<Frame> {
    return this.#direct.ask(command);
  }

  reconnect(): void {
    this.#direct.reconnect();
  }

  frame(frame: Frame): void {
    this.#note(frame);
    const position = positionOf(frame);
    this.#options.post({ kind: 'frame', frame, previous: position === null ? null : (this.#last ?? position - 1) });
    if (position !== null) this.#last = position;
  }

  receive(note: Note): void {
    if (note.kind === 'hello') this.#welcome(note.from);
    else if (note.kind === 'tell') this.#direct.tell(note.command);
    else if (note.kind === 'ask') this.#askFor(note.from, note.command);
    else if (note.kind === 'reconnect') this.#direct.reconnect();
  }

  #welcome(to: string): void {
    this.#share();
    const frame: Frame = { type: 'status.bulk', payload: { statuses: Object.fromEntries(this.#online) } };
    if (this.#online.size > 0) this.#options.post({ kind: 'frame', frame, previous: null, to });
    this.#direct.wake();
  }

  async #askFor(to: string, command: Numbered): Promise<void> {
    const { post } = this.#options;
    try {
      const frame = await this.#direct.ask(command);
      post({ kind: 'answer', to, frame: { ...frame, id: command.id } as Frame });
    } catch (error) {
      post({ kind: 'refusal', to, id: command.id, error: sentError(error) });
    }
  }

  #share(): void {
    const { post, tab, stream, status } = this.#options;
    const now = this.#direct.status.get();
    status({ ...now, leads: true });
    post({ kind: 'state', leader: tab, status: now, cursor: stream.cursor.get() });
  }

  #note(frame: Frame): void {
    if (frame.type === 'resume.reset') this.#last = frame.payload.position;
    else if (frame.type === 'user.online') this.#online.set(frame.payload.userId, true);
    else if (frame.type === 'user.offline') this.#online.set(frame.payload.userId, false);
    else if (frame.type === 'status.bulk') {
      this.#online.clear();
      for (const [user, isOnline] of Object.entries(frame.payload.statuses)) this.#online.set(user, isOnline);
    }
  }
}

/** One socket from opening to its end: authenticates, pings, gives up on silence. What frames mean is others' business. */

import type { Platform, Socket } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import type { Command, Frame, Hello } from '../wire.js';
import { LOST, TOKEN_EXPIRED } from './close-codes.js';
import { decode } from './frames.js';

const LET_IN_WITHIN = 10_000;
const PING_EVERY = 25_000;
const PONG_WITHIN = 10_000;

export interface LinkEvents {
  /** Once: the server let us in. */
  readonly greeted: (hello: Hello) => void;
  /** Everything else but pongs. */
  readonly frame: (frame: Frame) => void;
  /** Everything up to here was sent on this connection. */
  readonly pong: (position: number) => void;
  /** Once, and last, unless `close` was called. */
  readonly closed: (code: number, reason: string) => void;
}

type Phase = 'opening' | 'quiet' | 'pinged' | 'over';

/** Opens at once. The token goes in the first command: URLs end up in logs. */
export class Link {
  readonly #events: LinkEvents;
  readonly #timers: Platform['timers'];
  readonly #socket: Socket;
  #phase: Phase = 'opening';
  #isRefused = false;
  #stopTimer: Unsubscribe = () => undefined;

  constructor(platform: Platform, url: string, token: string, events: LinkEvents) {
    this.#events = events;
    this.#timers = platform.timers;
    this.#after(LET_IN_WITHIN, () => this.#giveUp());
    this.#socket = platform.openSocket(url, {
      open: () => this.send({ type: 'auth', payload: { token } }),
      message: (text) => this.#receive(text),
      close: (code, reason) => this.#finish(code, reason),
    });
  }

  send(command: Command): void {
    if (this.#phase !== 'over') this.#socket.send(JSON.stringify(command));
  }

  /** Looks whether the other side is there. */
  ping(): void {
    if (this.#phase !== 'quiet') return;
    this.#phase = 'pinged';
    this.#after(PONG_WITHIN, () => this.#giveUp());
    this.send({ type: 'ping' });
  }

  /** Ends it; nothing is told any more. */
  close(): void {
    this.#end();
    this.#socket.close();
  }

  #receive(text: string): void {
    if (this.#phase === 'over') return;
    if (this.#phase === 'pinged') this.#after(PONG_WITHIN, () => this.#giveUp()); // slow, but there
    const frame = decode(text);
    if (frame === null) this.#giveUp();
    else if (frame.type === 'auth_success' || frame.type === 'connection.success') this.#greet(frame.payload);
    else if (frame.type === 'auth_failed') this.#isRefused = true;
    else if (frame.type === 'pong') this.#answered(frame.payload.position);
    else this.#events.frame(frame);
  }

  /** The first greeting counts: a second frame says the same, and a later one that a token was renewed. */
  #greet(hello: Hello): void {
    if (this.#phase !== 'opening') return;
    this.#rest();
    this.#events.greeted(hello);
  }

  #answered(position: number): void {
    if (this.#phase === 'opening') return;
    this.#rest();
    this.#events.pong(position);
  }

  #rest(): void {
    this.#phase = 'quiet';
    this.#after(PING_EVERY, () => this.ping());
  }

  #finish(code: number, reason: string): void {
    if (this.#phase === 'over') return;
    this.#end();
    // The close frame may be lost after `auth_failed`: what was refused stays refused.
    this.#events.closed(this.#isRefused && code === LOST ? TOKEN_EXPIRED : code, reason);
  }

  /** Without waiting for the close handshake, which takes long when nobody is there. */
  #giveUp(): void {
    this.#finish(LOST, '');
    this.#socket.close();
  }

  #end(): void {
    this.#phase = 'over';
    this.#stopTimer();
  }

  #after(ms: number, callback: () => void): void {
    this.#stopTimer();
    this.#stopTimer = this.#timers.after(ms, callback);
  }
}

/** A tab that hears through the leader's connection. */

import type { ConnectionStatus, Cursor } from '../model.js';
import type { Platform } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import type { Command, Frame } from '../wire.js';
import { Asks, lost } from './asks.js';
import { backoff } from './backoff.js';
import { type Note, receivedError } from './notes.js';
import type { Role } from './role.js';
import type { Stream } from './stream.js';

export interface FollowerOptions {
  readonly platform: Platform;
  readonly stream: Stream;
  readonly tab: string;
  readonly post: (note: Note) => void;
  readonly status: (status: ConnectionStatus) => void;
}

export class Follower implements Role {
  readonly #options: FollowerOptions;
  readonly #asks: Asks;
  #leader: string | null = null;
  #isOpen = false;
  #isOver = false;
  #tries = 0;
  /** How far the one loop is that catches up: however much is missed, more than one would only ask more often. */
  #catchingUp: 'no' | 'asking' | 'waiting' = 'no';
  #stopTimer: Unsubscribe = () => undefined;
  #stopHearing: Unsubscribe = () => undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    const { post, tab, platform } = options;
    this.#asks = new Asks(platform.timers, (command) => {
      post({ kind: 'ask', from: tab, command });
    });
  }

  start(): void {
    const { platform, status } = this.#options;
    status({ state: 'connecting', leads: false });
    this.#stopHearing = platform.network.subscribe((event) => {
      if (event === 'online' || event === 'visible') this.#wake();
    });
    this.#hello();
  }

  stop(): void {
    this.#isOver = true;
    this.#stopTimer();
    this.#stopHearing();
    this.#asks.lose();
  }

  tell(command: Command): boolean {
    if (this.#isOpen) this.#options.post({ kind: 'tell', command });
    return this.#isOpen;
  }

  ask(command: Command): Promise<Frame> {
    return this.#isOpen ? this.#asks.ask(command) : Promise.reject(lost(false));
  }

  reconnect(): void {
    this.#options.post({ kind: 'reconnect' });
  }

  frame(): void {
    // What this tab hands on came from the leader, who told all.
  }

  receive(note: Note): void {
    const { tab } = this.#options;
    if (note.kind === 'state') this.#follow(note.leader, note.status, note.cursor);
    else if (note.kind === 'frame' && (note.to ?? tab) === tab) this.#take(note.frame, note.previous ?? undefined);
    else if (note.kind === 'answer' && note.to === tab) this.#asks.settle(note.frame);
    else if (note.kind === 'refusal' && note.to === tab) this.#asks.fail(note.id, receivedError(note.error));
  }

  /** Somebody looks, or the network is back: what waits to catch up need not. */
  #wake(): void {
    if (this.#catchingUp === 'waiting') this.#again();
    this.#hello();
  }

  #hello(): void {
    this.#options.post({ kind: 'hello', from: this.#options.tab });
  }

  #follow(leader: string, status: Omit<ConnectionStatus, 'leads'>, cursor: Cursor | null): void {
    if (this.#leader !== null && this.#leader !== leader) this.#asks.lose(); // whoever was asked is gone
    this.#leader = leader;
    this.#isOpen = status.state === 'online' || status.state === 'catching_up';
    this.#options.status({ ...status, leads: false });
    if (cursor !== null) this.#compare(cursor);
  }

  #compare(cursor: Cursor): void {
    const { stream } = this.#options;
    const own = stream.cursor.get();
    if (own === null) stream.begin(cursor);
    else if (own.epoch !== cursor.epoch || own.position < cursor.position) this.#catchUp();
  }

  #take(frame: Frame, previous: number | undefined): void {
    const { stream } = this.#options;
    if (frame.type === 'resume.reset') stream.reset(frame);
    else stream.take(frame, previous);
    if (stream.isBehind && stream.cursor.get() !== null) this.#catchUp();
  }

  /** What was missed, from the server: the leader keeps nothing. */
  async #catchUp(): Promise<void> {
    if (this.#isOver || this.#catchingUp !== 'no') return;
    const { stream } = this.#options;
    this.#catchingUp = 'asking';
    const isFilled = await stream.fill().then(
      () => true,
      () => false,
    );
    if (this.#isOver) return;
    // What was held meanwhile may be newer than the answer.
    if (isFilled && !stream.isBehind) this.#rest();
    else this.#wait();
  }

  #rest(): void {
    this.#catchingUp = 'no';
    this.#tries = 0;
  }

  #wait(): void {
    const { platform } = this.#options;
    this.#catchingUp = 'waiting';
    this.#stopTimer = platform.timers.after(backoff(this.#tries, platform.random()), () => this.#again());
    this.#tries += 1;
  }

  #again(): void {
    this.#stopTimer();
    this.#catchingUp = 'no';
    this.#catchUp();
  }
}

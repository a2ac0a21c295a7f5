/** A tab's connection: the leader's or a follower's, whichever the tab is. */

import type { Connection } from '../connection.js';
import type { ConnectionStatus } from '../model.js';
import type { Channel, Platform } from '../ports.js';
import { createStore, type Store } from '../store.js';
import type { Command, Frame, Id } from '../wire.js';
import { lost } from './asks.js';
import { createEmitter, type Emitter } from './emitter.js';
import { Follower } from './follower.js';
import { Leader } from './leader.js';
import { type Note, packed, unpacked } from './notes.js';
import type { Role } from './role.js';
import { type Events, Stream } from './stream.js';
import type { Tokens } from './token.js';

export interface ConnectionOptions {
  /** The server's root; empty for the page's own. */
  readonly url: string;
  /** Tabs of the same user share one connection. */
  readonly user: Id;
  readonly platform: Platform;
  readonly tokens: Tokens;
  /** `GET /events`: to catch up, and to poll. */
  readonly events: Events;
}

const IDLE: ConnectionStatus = { state: 'idle', leads: false };

export function createConnection(options: ConnectionOptions): Connection {
  const tab = new Tab(options);
  return {
    status: tab.status,
    cursor: tab.stream.cursor,
    start: () => tab.start(),
    stop: () => tab.stop(),
    tell: (command) => tab.role?.tell(command) ?? false,
    ask: (command: Command): Promise<Frame> => tab.role?.ask(command) ?? Promise.reject(lost(false)),
    onFrame: (listener) => tab.emitter.subscribe(listener),
    reconnect: () => tab.reconnect(),
  };
}

class Tab {
  readonly status: Store<ConnectionStatus> = createStore(IDLE);
  readonly emitter: Emitter;
  readonly stream: Stream;
  role: Role | null = null;
  readonly #options: ConnectionOptions;
  readonly #name: string;
  #channel: Channel | null = null;
  #run: AbortController | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#name = `duologue:${options.url}:${options.user}`;
    this.emitter = createEmitter(options.platform.timers);
    this.stream = new Stream(options.events, (frame) => {
      this.role?.frame(frame);
      this.emitter.emit(frame);
    });
  }

  start(): void {
    if (this.#run !== null) return;
    const { platform, tokens, url } = this.#options;
    const run = new AbortController();
    const channel = platform.channel(`${this.#name}:connection`);
    this.#run = run;
    this.#channel = channel;
    const shared = {
      ...{ platform, tokens, url, stream: this.stream, tab: platform.uuid() },
      post: (note: Note) => channel.post(packed(note)),
      status: (status: ConnectionStatus) => this.status.set(status),
    };
    channel.subscribe((message) => this.#receive(message));
    this.#become(new Follower(shared));
    platform.locks.hold(this.#name, run.signal, () => this.#become(new Leader(shared)));
  }

  stop(): void {
    this.#run?.abort();
    this.#run = null;
    this.role?.stop();
    this.role = null;
    this.stream.interrupt();
    this.#channel?.close();
    this.#channel = null;
    this.status.set(IDLE);
  }

  reconnect(): void {
    this.#options.tokens.forget();
    this.role?.reconnect();
  }

  #become(role: Role): void {
    this.role?.stop();
    this.role = role;
    role.start();
  }

  #receive(message: unknown): void {
    const note = unpacked(message);
    if (note !== null) this.role?.receive(note);
  }
}

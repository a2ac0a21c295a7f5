/** This tab's own way to the server: does what the state machine says, with sockets and polls. */

import type { ConnectionStatus, Cursor } from '../model.js';
import type { Platform } from '../ports.js';
import { createStore, type Store, type Unsubscribe } from '../store.js';
import type { Command, Frame, Hello } from '../wire.js';
import { Asks, lost } from './asks.js';
import { LOST } from './close-codes.js';
import { answeredId } from './frames.js';
import { Gaps } from './gaps.js';
import { type Effect, IDLE, type Machine, type MachineEvent, transition } from './machine.js';
import { poll } from './polling.js';
import { renewTokens } from './renewal.js';
import { Link } from './socket.js';
import type { Stream } from './stream.js';
import type { Tokens } from './token.js';

export interface DirectOptions {
  /** The server's root; empty for the page's own. */
  readonly url: string;
  readonly platform: Platform;
  readonly tokens: Tokens;
  readonly stream: Stream;
}

/** Of what the connection itself sends: the errors of that stay inside. */
const OWN_ID = 'connection';
const HTTP = /^http/;
const LAST_SLASH = /\/$/;

export class Direct {
  readonly status: Store<Omit<ConnectionStatus, 'leads'>> = createStore<Omit<ConnectionStatus, 'leads'>>({
    state: 'idle',
  });
  readonly #options: DirectOptions;
  readonly #asks: Asks;
  #machine: Machine = IDLE;
  #token: string | null = null;
  #link: Link | null = null;
  #gaps: Gaps | null = null;
  #polling: AbortController | null = null;
  /** The attempt to connect that counts. */
  #attempt = 0;
  #stopTimer: Unsubscribe = () => undefined;
  #stopRenewing: Unsubscribe = () => undefined;
  #stopHearing: Unsubscribe = () => undefined;

  constructor(options: DirectOptions) {
    this.#options = options;
    this.#asks = new Asks(options.platform.timers, (command) => this.#link?.send(command));
  }

  start(): void {
    this.#stopHearing = this.#options.platform.network.subscribe((event) => {
      if (event !== 'hidden') this.#dispatch({ type: event });
    });
    this.#dispatch({ type: 'start' });
  }

  stop(): void {
    this.#stopHearing();
    this.#dispatch({ type: 'stop' });
  }

  reconnect(): void {
    this.#options.tokens.forget();
    this.#dispatch({ type: 'reconnect' });
  }

  /** Somebody looks: a good time to connect. */
  wake(): void {
    this.#dispatch({ type: 'visible' });
  }

  tell(command: Command): boolean {
    if (!this.#isOpen) return false;
    this.#link?.send(command);
    return true;
  }

  ask(command: Command): Promise<Frame> {
    return this.#isOpen ? this.#asks.ask(command) : Promise.reject(lost(false));
  }

  get #isOpen(): boolean {
    return this.#machine.state === 'online' || this.#machine.state === 'catching_up';
  }

  #dispatch(event: MachineEvent): void {
    const { timers, random, network } = this.#options.platform;
    const around = { now: timers.now(), random: random(), isOnline: network.isOnline() };
    const [machine, effects] = transition(this.#machine, event, around);
    const isSame = machine === this.#machine;
    this.#machine = machine;
    for (const effect of effects) this.#perform(effect);
    if (!isSame && this.#machine === machine) this.status.set(shown(machine));
  }

  #perform(effect: Effect): void {
    if (effect.do === 'connect') this.#connect(effect.refresh);
    else if (effect.do === 'wait') this.#wait(effect.ms);
    else if (effect.do === 'close') this.#close();
    else if (effect.do === 'poll') this.#poll();
    else if (effect.do === 'end_poll') this.#endPoll();
    else this.#link?.ping();
  }

  #wait(ms: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.platform.timers.after(ms, () => this.#dispatch({ type: 'due' }));
  }

  /** Ends the attempt or the socket that stands, and whatever belongs to it. */
  #close(): void {
    this.#attempt += 1;
    this.#stopTimer();
    this.#stopRenewing();
    this.#gaps?.end();
    this.#link?.close();
    this.#link = null;
    this.#asks.lose();
  }

  async #connect(refresh: boolean): Promise<void> {
    this.#close();
    const attempt = this.#attempt;
    const refused = refresh ? this.#token : null;
    const { tokens } = this.#options;
    const token = await (refused === null ? tokens.get() : tokens.refresh(refused)).catch(() => undefined);
    if (attempt !== this.#attempt) return;
    if (token === undefined) this.#dispatch({ type: 'failed' });
    else if (token === null) this.#dispatch({ type: 'refused', reason: 'signed_out' });
    else if (token === refused) this.#dispatch({ type: 'refused', reason: 'invalid_token' });
    else this.#tryToOpen(token);
  }

  /** A page may be forbidden to open a socket at all, as a secure one to an insecure server. */
  #tryToOpen(token: string): void {
    try {
      this.#open(token);
    } catch {
      this.#dispatch({ type: 'closed', code: LOST, reason: '' });
    }
  }

  #open(token: string): void {
    const { platform, stream, url } = this.#options;
    const since = stream.cursor.get();
    this.#token = token;
    this.#gaps = new Gaps({
      timers: platform.timers,
      stream,
      resume: ({ position, epoch }) =>
        this.#link?.send({ type: 'resume', payload: { since: position, epoch }, id: OWN_ID }),
      caughtUp: () => this.#dispatch({ type: 'caught_up' }),
    });
    this.#link = new Link(platform, socketUrl(url, since), token, {
      greeted: (hello) => this.#greeted(hello, since, token),
      frame: (frame) => this.#receive(frame),
      pong: (position) => this.#gaps?.sent(position),
      closed: (code, reason) => {
        this.#close();
        this.#dispatch({ type: 'closed', code, reason });
      },
    });
  }

  #greeted({ position, epoch }: Hello, since: Cursor | null, token: string): void {
    const { platform, stream, tokens } = this.#options;
    this.#stopRenewing = renewTokens(platform.timers, tokens, token, (fresh) => {
      this.#token = fresh;
      this.#link?.send({ type: 'auth', payload: { token: fresh }, id: OWN_ID });
    });
    const isFirst = stream.cursor.get() === null;
    if (isFirst) stream.begin({ position, epoch });
    else if (since === null)
      this.#gaps?.resume(); // a poll was faster
    else this.#gaps?.replaying();
    this.#dispatch({ type: 'opened', isCaughtUp: isFirst });
  }

  #receive(frame: Frame): void {
    if (this.#asks.settle(frame) || (frame.type === 'error' && answeredId(frame) === OWN_ID)) return;
    if (frame.type === 'resume.done') this.#gaps?.done(frame.payload.position);
    else if (frame.type === 'resume.reset') {
      this.#options.stream.reset(frame);
      this.#gaps?.reset();
    } else {
      this.#options.stream.take(frame);
      this.#gaps?.frame();
    }
  }

  #poll(): void {
    if (this.#polling !== null) return;
    const polling = new AbortController();
    this.#polling = polling;
    const ended = (event: MachineEvent): void => {
      this.#polling = null;
      this.#dispatch(event);
    };
    const events = {
      polled: () => this.#dispatch({ type: 'polled' }),
      failed: () => ended({ type: 'poll_failed' }),
      refused: (reason: NonNullable<ConnectionStatus['reason']>) => ended({ type: 'refused', reason }),
    };
    poll(this.#options.platform, this.#options.stream, events, polling.signal);
  }

  #endPoll(): void {
    this.#polling?.abort();
    this.#polling = null;
  }
}

function shown({ state, retryAt, reason }: Machine): Omit<ConnectionStatus, 'leads'> {
  return { state, ...(retryAt === null ? {} : { retryAt }), ...(reason === null ? {} : { reason }) };
}

/** Where the socket is, and from where to resume. A relative URL stays one: WebSocket resolves it as fetch does. */
function socketUrl(url: string, since: Cursor | null): string {
  const path = `${url.replace(HTTP, 'ws').replace(LAST_SLASH, '')}/chat/ws`;
  return since === null ? path : `${path}?since=${since.position}&epoch=${encodeURIComponent(since.epoch)}`;
}

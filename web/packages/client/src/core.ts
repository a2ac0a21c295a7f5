/** The parts of a client, and what goes from one to the other. */

import type { ClientOptions } from './client.js';
import { createConnection } from './connection/create-connection.js';
import { createEmitter, type Emitter } from './connection/emitter.js';
import { createTokens, type Tokens } from './connection/token.js';
import type { Connection } from './connection.js';
import { DraftBook, isDraftNote } from './drafts/drafts.js';
import { whenKnown, whenOpen } from './lifecycle.js';
import { isOutboxNote } from './outbox/notes.js';
import { OutboxRunner } from './outbox/outbox.js';
import type { Channel, Platform, Storage } from './ports.js';
import { createRest } from './rest/create-rest.js';
import type { Rest } from './rest/rest.js';
import { type Account, createAccount } from './state/account.js';
import { createPresence, type PresenceStore } from './state/presence.js';
import { createRecentFacts, type RecentFacts } from './state/recent-facts.js';
import { createTyping, type TypingStore } from './state/typing.js';
import { createTypingSender, type TypingSender } from './state/typing-sender.js';
import type { Unsubscribe } from './store.js';
import { createUploads } from './uploads/create-uploads.js';
import type { Frame } from './wire.js';

export interface CoreOptions extends ClientOptions {
  readonly platform: Platform;
}

export class Core {
  readonly rest: Rest;
  readonly connection: Connection;
  readonly outbox: OutboxRunner;
  readonly drafts: DraftBook;
  readonly facts: RecentFacts = createRecentFacts();
  readonly presence: PresenceStore = createPresence();
  readonly typing: TypingStore;
  readonly typingSender: TypingSender;
  readonly account: Account;
  readonly emitter: Emitter;
  readonly #platform: Platform;
  readonly #name: string;
  readonly #tokens: Tokens;
  readonly #storage: Storage;
  #channel: Channel | null = null;

  constructor(options: CoreOptions) {
    const { url, user, platform } = options;
    const { timers } = platform;
    const tokens = createTokens(options.getToken);
    const name = `duologue:${url}:${user}`;
    const storage = platform.storage(name);
    const rest = createRest({ url, tokens, platform });
    const connection = createConnection({ url, user, platform, tokens, events: rest.events });
    const shared = { platform, storage, post: (note: unknown) => this.#channel?.post(note) };
    const ways = { connection, send: rest.messages.send, upload: createUploads({ url, tokens, platform }).upload };
    this.#platform = platform;
    this.#name = name;
    this.#tokens = tokens;
    this.#storage = storage;
    this.rest = rest;
    this.connection = connection;
    this.typing = createTyping(timers, user);
    this.typingSender = createTypingSender(connection.tell, timers);
    this.account = createAccount(rest, timers);
    this.emitter = createEmitter(timers);
    this.outbox = new OutboxRunner({ ...shared, ...ways, user, hasSend: this.facts.hasSend });
    this.drafts = new DraftBook(shared);
  }

  /** Returns how to end it. */
  begin(): Unsubscribe {
    const { connection } = this;
    const stops = [
      connection.onFrame((frame) => this.#receive(frame)),
      whenKnown(connection, this.facts.begin),
      whenOpen(connection, this.account.load),
    ];
    this.#channel = this.#platform.channel(`${this.#name}:client`);
    this.#channel.subscribe((note) => this.#hear(note));
    this.drafts.start();
    this.outbox.start();
    connection.start();
    return () => {
      this.#end();
      for (const stop of stops) stop();
    };
  }

  /** Nothing of the user stays on this device. */
  async forget(): Promise<void> {
    this.#tokens.forget();
    this.facts.forget();
    this.presence.clear();
    this.account.clear();
    this.drafts.clear();
    await this.outbox.clear();
    await this.#storage.clear();
  }

  #end(): void {
    this.typingSender.stop();
    this.outbox.stop();
    this.drafts.stop();
    this.connection.stop();
    this.account.stop();
    this.typing.clear();
    this.#channel?.close();
    this.#channel = null;
  }

  #receive(frame: Frame): void {
    if (frame.type === 'resume.reset') this.facts.reset(frame.payload.position);
    this.facts.add(frame);
    this.presence.apply(frame);
    this.typing.apply(frame);
    this.account.apply(frame);
    this.emitter.emit(frame);
    this.outbox.saw(frame); // last: who shows a timeline has the message by now
  }

  #hear(note: unknown): void {
    if (isOutboxNote(note)) this.outbox.hear(note);
    else if (isDraftNote(note)) this.drafts.hear(note);
  }
}

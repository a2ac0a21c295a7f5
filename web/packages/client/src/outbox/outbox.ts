/** Sends that wait for the server: kept in storage, sent by the leading tab, in order, until each is there once. */

import type { Outbox } from '../client.js';
import type { Draft, Pending, UploadProgress } from '../model.js';
import type { Platform, Storage } from '../ports.js';
import type { Unsubscribe } from '../store.js';
import { KEEP } from '../uploads/create-uploads.js';
import type { Frame, Id } from '../wire.js';
import { Confirmed, type ConfirmedOptions } from './confirmed.js';
import { deliver, type Ways } from './deliver.js';
import { Entries } from './entries.js';
import type { OutboxNote } from './notes.js';
import { due, heads, nextDue, nextTime } from './queue.js';
import { createRecords } from './records.js';
import { queuedEntry, refused, requeued, retried, revived, started, uploaded } from './transitions.js';

/** Conversations at once; after a RATE_LIMITED one by one, since many refusals make the server close the socket. */
const ABREAST = 8;
/** How often progress is shown, and how often it is kept. Milliseconds. */
const SHOWN_EVERY = 100;
const KEPT_EVERY = 1000;

export interface OutboxOptions extends Ways, Pick<ConfirmedOptions, 'user' | 'hasSend'> {
  readonly platform: Pick<Platform, 'timers' | 'random' | 'uuid'>;
  readonly storage: Storage;
  /** To the other tabs. */
  readonly post: (note: OutboxNote) => void;
}

interface Sending {
  readonly controller: AbortController;
  shownAt: number;
  keptAt: number;
}

export class OutboxRunner implements Outbox {
  readonly #options: OutboxOptions;
  readonly #entries: Entries;
  readonly #flights = new Map<Id, Sending>();
  readonly #confirmed: Confirmed;
  readonly #unkept = new Set<Id>();
  #isRunning = false;
  /** What an earlier visit left goes first. */
  #isLoaded = false;
  #canSend = false;
  #pausedUntil = 0;
  #abreast = ABREAST;
  #stopHearing: Unsubscribe = () => undefined;
  #stopTimer: Unsubscribe = () => undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#entries = new Entries(createRecords(options.storage), options.post);
    this.#confirmed = new Confirmed({ ...options, timers: options.platform.timers }, this.#entries);
  }

  get entries(): Outbox['entries'] {
    return this.#entries.store;
  }

  start(): void {
    this.#isRunning = true;
    this.#stopHearing = this.#options.connection.status.subscribe(() => this.#look());
    const begin = (): void => {
      this.#isLoaded = true;
      this.#look();
    };
    this.#entries.load().then(begin, begin);
  }

  stop(): void {
    this.#isRunning = false;
    this.#stopHearing();
    this.#stopTimer();
    this.#look();
  }

  async send(draft: Draft): Promise<Pending> {
    if (!this.#isLoaded) await this.#entries.load().catch(() => undefined); // behind what is there
    const { platform } = this.#options;
    const createdAt = nextTime(this.entries.get(), platform.timers.now());
    const entry = queuedEntry(platform.uuid(), draft, createdAt);
    this.#unkept.add(entry.key);
    try {
      await this.#entries.add(entry);
    } finally {
      this.#unkept.delete(entry.key);
      this.#pump();
    }
    return entry;
  }

  async retry(key: Id): Promise<void> {
    const isKept = this.#entries.change(key, retried);
    this.#pump();
    await isKept;
  }

  async discard(key: Id): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#drop(key);
    this.#pump();
    await this.#entries.delete(entry, false);
  }

  /** A frame that was handed to everybody else: the timeline has the message now, whose send needs to be shown no more. */
  saw(frame: Frame): void {
    const key = this.#confirmed.saw(frame);
    if (key === null) return;
    this.#flights.delete(key); // whether an answer comes or not
    this.#pump();
  }

  /** From another tab: newer than what storage said. */
  hear(note: OutboxNote): void {
    const take = (): void => this.#take(note);
    this.#entries.load().then(take, take);
  }

  /** Forgets all of it. Resolves when nothing is being written any more. */
  async clear(): Promise<void> {
    for (const key of [...this.#flights.keys()]) this.#drop(key);
    this.#confirmed.clear();
    this.#isLoaded = false;
    await this.#entries.clear();
  }

  #take(note: OutboxNote): void {
    if (note.outbox === 'added') this.#entries.insert(note.entry);
    else if (note.outbox === 'progress') this.#entries.follow(note.key, note.progress);
    else if (note.isSent) this.#confirmed.linger(note.key);
    else this.#drop(note.key);
    this.#pump();
  }

  // -- when to send -------------------------------------------------------------------------------------------------------

  /** The connection changed, or this tab began or ceased to lead. */
  #look(): void {
    const { state, leads } = this.#options.connection.status.get();
    const canSend = this.#isRunning && this.#isLoaded && leads && (state === 'online' || state === 'polling');
    const isNew = canSend && !this.#canSend;
    this.#canSend = canSend;
    if (!(this.#isRunning && leads)) for (const { controller } of this.#flights.values()) controller.abort(KEEP);
    if (!isNew) return;
    for (const { key } of this.entries.get()) if (!this.#flights.has(key)) this.#change(key, requeued);
    for (const { key } of this.entries.get()) this.#change(key, revived);
    this.#pump();
  }

  #pump(): void {
    this.#stopTimer();
    if (!this.#canSend) return;
    const { timers } = this.#options.platform;
    const now = timers.now();
    const waiting = heads(this.entries.get(), this.#confirmed.keys).filter(({ key }) => this.#isFree(key));
    const isPaused = this.#pausedUntil > now;
    if (!isPaused) for (const entry of due(waiting, now).slice(0, this.#room)) this.#fly(entry);
    const next = isPaused ? this.#pausedUntil : nextDue(waiting, now);
    if (next !== null) this.#stopTimer = timers.after(next - now, () => this.#pump());
  }

  get #room(): number {
    return Math.max(0, this.#abreast - this.#flights.size);
  }

  #isFree(key: Id): boolean {
    return !(this.#flights.has(key) || this.#unkept.has(key));
  }

  // -- one send -----------------------------------------------------------------------------------------------------------

  #fly(entry: Pending): void {
    const sending = { controller: new AbortController(), shownAt: 0, keptAt: 0 };
    this.#flights.set(entry.key, sending);
    this.#change(entry.key, started);
    const { signal } = sending.controller;
    const onUpload = (index: number, progress: UploadProgress): void =>
      this.#progress(entry.key, sending, (known) => uploaded(known, index, progress));
    deliver(entry, this.#options, { signal, onUpload })
      .then(
        () => this.#accepted(entry),
        (error: unknown) => this.#refused(entry.key, error, signal.aborted),
      )
      .then(() => {
        this.#flights.delete(entry.key);
        this.#pump();
      });
  }

  #progress(key: Id, sending: Sending, change: (entry: Pending) => Pending): void {
    const now = this.#options.platform.timers.now();
    const before = this.#entries.get(key);
    if (before === undefined || sending.controller.signal.aborted) return;
    const after = change(before);
    // Where an upload goes on, and that it is done, is worth keeping at once.
    const isMilestone = after.uploads.some(
      ({ id, location }, index) => id !== before.uploads[index]?.id || location !== before.uploads[index]?.location,
    );
    const keep = isMilestone || now - sending.keptAt >= KEPT_EVERY;
    if (!keep && now - sending.shownAt < SHOWN_EVERY) return;
    sending.shownAt = now;
    if (keep) sending.keptAt = now;
    this.#change(key, change, keep);
  }

  #accepted(entry: Pending): void {
    this.#abreast = ABREAST;
    this.#confirmed.add(entry);
  }

  #refused(key: Id, error: unknown, isAborted: boolean): void {
    if (isAborted) {
      this.#change(key, requeued);
      return;
    }
    const { timers, random } = this.#options.platform;
    const moment = { now: timers.now(), random: random() };
    this.#change(key, (before) => refused(before, error, moment));
    const entry = this.#entries.get(key);
    if (entry?.error?.code !== 'RATE_LIMITED') return;
    this.#abreast = 1;
    this.#pausedUntil = Math.max(this.#pausedUntil, entry.notBefore ?? 0);
  }

  #drop(key: Id): void {
    this.#flights.get(key)?.controller.abort();
    this.#confirmed.forget(key);
    this.#entries.remove(key);
  }

  /** What storage cannot take is still there in memory. */
  #change(key: Id, change: (entry: Pending) => Pending, keep = true): void {
    this.#entries.change(key, change, keep).catch(() => undefined);
  }
}

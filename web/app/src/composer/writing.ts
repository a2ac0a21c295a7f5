/** The message that is being written in one conversation: its text and its files, and how it leaves. */

import { createStore, type DuologueClient, type Id } from '@duologue/client';
import { type Attachment, type Tray, toDraftFiles } from './attachments/tray';
import { judgeText } from './text';

/** `notKept`: this device has no room for it, and it was put back. `heldBack`: a file was refused at the end, with nobody there to see why. */
export type Fault = 'notKept' | 'heldBack';

/**
 * Lives apart from the composer that shows it: what was submitted while its pictures were made ready goes out although the person is in
 * another conversation by then, and files wait until they come back.
 */
export class Writing {
  readonly tray: Tray;
  /** What was typed here; null: what is kept as the draft. Another tab with the same conversation must not move the caret of this one. */
  readonly typed = createStore<string | null>(null);
  /** It was submitted, and goes out when its pictures are ready. */
  readonly isWaiting = createStore(false);
  /** Whether a composer shows it. */
  isShown = false;
  readonly #client: DuologueClient;
  readonly #conversationId: Id;
  readonly #onRest: () => void;
  #tell: (fault: Fault) => void = () => undefined;
  #refusals = 0;
  #handovers = 0;

  /** `onRest` is called each time something of it has left: it may be empty then. */
  constructor(client: DuologueClient, conversationId: Id, tray: Tray, onRest: () => void) {
    this.#client = client;
    this.#conversationId = conversationId;
    this.tray = tray;
    this.#onRest = onRest;
    tray.state.subscribe(() => this.#look());
  }

  /** Whether something is on its way out: it must not be forgotten. */
  get isBusy(): boolean {
    return this.isWaiting.get() || this.#handovers > 0;
  }

  /** Whether nothing would be lost with it: its text is kept as the draft. */
  get isEmpty(): boolean {
    const { attachments, refusals } = this.tray.state.get();
    return !this.isBusy && attachments.length === 0 && refusals.length === 0;
  }

  get text(): string {
    return this.typed.get() ?? this.#client.drafts.all.get().get(this.#conversationId) ?? '';
  }

  /** Begins with what is kept by now. What waits stays as it was typed. */
  begin(): void {
    if (!this.isWaiting.get()) this.typed.set(null);
  }

  write(text: string): void {
    this.typed.set(text);
    // What storage does not take is there until the page is left.
    this.#client.drafts.set(this.#conversationId, text).catch(() => undefined);
  }

  /** Sends what is there; nothing happens when there is nothing, or too much text. */
  submit(tell: (fault: Fault) => void): void {
    if (!this.#canSend()) return;
    this.#tell = tell;
    this.#refusals = this.tray.state.get().refusals.length;
    this.isWaiting.set(true);
    this.#look();
  }

  /** Sends one file by itself: a recording. */
  sendFile(file: File, tell: (fault: Fault) => void): void {
    const taken: Attachment[] = [{ key: 0, file, category: 'audio', isPreparing: false }];
    this.#hand('', taken, () => {
      this.tray.restore(taken);
      tell('notKept');
    });
  }

  #canSend(): boolean {
    const verdict = judgeText(this.text);
    return verdict === 'ok' || (verdict === 'empty' && this.tray.state.get().attachments.length > 0);
  }

  /** Goes on with what waits once all its pictures are ready. One that was refused at the end leaves it to the person. */
  #look(): void {
    const { attachments, refusals } = this.tray.state.get();
    if (!this.isWaiting.get() || attachments.some((each) => each.isPreparing)) return;
    this.isWaiting.set(false);
    if (refusals.length > this.#refusals) {
      if (!this.isShown) this.#tell('heldBack');
    } else if (this.#canSend()) this.#leave();
    this.#onRest();
  }

  #leave(): void {
    const { text } = this;
    const tell = this.#tell;
    const taken = this.tray.take();
    this.write('');
    this.#hand(text, taken, () => {
      this.tray.restore(taken);
      this.write([text, this.text].filter(Boolean).join('\n'));
      tell('notKept');
    });
  }

  /** To the outbox. What this device cannot keep is given back. */
  #hand(content: string, taken: readonly Attachment[], giveBack: () => void): void {
    const draft = { conversationId: this.#conversationId, content };
    const files = taken.length === 0 ? {} : { files: toDraftFiles(taken) };
    this.#handovers += 1;
    this.#client.outbox
      .send({ ...draft, ...files })
      .catch(giveBack)
      .finally(() => {
        this.#handovers -= 1;
        this.#onRest();
      });
  }
}

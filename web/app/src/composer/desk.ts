/** What is being written in each conversation of a client, as long as something would be lost without it. */

import type { DuologueClient, Id } from '@duologue/client';
import { createTray } from './attachments/tray';
import { Writing } from './writing';

/** Conversations whose files are kept while nobody looks at them: files take memory. */
const MOST = 20;

export class Desk {
  readonly #client: DuologueClient;
  readonly #shrink: (file: File) => Promise<File>;
  /** The one that was shown longest ago first. */
  readonly #writings = new Map<Id, Writing>();

  /** `shrink` makes a picture smaller, or gives it back. */
  constructor(client: DuologueClient, shrink: (file: File) => Promise<File>) {
    this.#client = client;
    this.#shrink = shrink;
  }

  /** How many are kept. */
  get size(): number {
    return this.#writings.size;
  }

  /** The one that is kept, or a new one, which is kept from when it is shown. */
  find(conversationId: Id): Writing {
    const kept = this.#writings.get(conversationId);
    return kept ?? new Writing(this.#client, conversationId, createTray(this.#shrink), () => this.#tidy());
  }

  /** A composer shows it, until the returned function is called. */
  show(conversationId: Id, writing: Writing): () => void {
    this.#writings.delete(conversationId);
    this.#writings.set(conversationId, writing);
    writing.begin();
    writing.isShown = true;
    this.#tidy();
    return () => {
      writing.isShown = false;
      this.#tidy();
    };
  }

  #tidy(): void {
    let excess = this.#writings.size - MOST;
    for (const [id, writing] of this.#writings) {
      if (writing.isShown || writing.isBusy) continue;
      if (writing.isEmpty || excess > 0) {
        this.#writings.delete(id);
        excess -= 1;
      }
    }
  }
}

/** Code that few messages need: where it cannot be had, the file goes as it is. */
async function shrinkLater(file: File): Promise<File> {
  if (!file.type.startsWith('image/')) return file;
  try {
    const { shrinkImage } = await import('./attachments/redraw');
    return await shrinkImage(file);
  } catch {
    return file;
  }
}

const desks = new WeakMap<DuologueClient, Desk>();

/** The one of a client: it goes with it. */
export function deskOf(client: DuologueClient): Desk {
  const desk = desks.get(client) ?? new Desk(client, shrinkLater);
  desks.set(client, desk);
  return desk;
}

/** A client on a stage: a clock by hand, and at the end of its socket a server that does as the test says. */

import type { DuologueClient } from '../src/client.js';
import { createClient } from '../src/create-client.js';
import type { ClientErrorCode } from '../src/errors.js';
import { createWorld, type ManualTimers, manualTimers, memoryByHand, type World } from '../src/platform/memory.js';
import type { SocketEvents } from '../src/ports.js';
import type { Command, Frame, Hello, Message, SendPayload } from '../src/wire.js';

export const ME = '11111111-1111-7111-8111-111111111111';
export const YOU = '22222222-2222-7222-8222-222222222222';
const NOW = Date.UTC(2026, 0, 1);

type Sent = SendPayload & { readonly tempId: string };
/** What the server makes of a send: takes it; takes it, and the answer is lost, or all but the fact; says nothing; refuses it. */
type Policy =
  | 'take'
  | 'take silently'
  | 'tell the fact'
  | 'ignore'
  | { readonly code: ClientErrorCode; readonly retryAfter?: number };

/** Speaks the protocol's greeting, and answers sends. Keys name sends for ever. */
export class ScriptedServer {
  policy: (sent: Sent) => Policy = () => 'take';
  /** Whether the fact of a send follows with its answer. */
  tellsFacts = true;
  /** Every command, across connections. */
  readonly heard: Command[] = [];
  readonly stored: Message[] = [];
  readonly #open = new Set<SocketEvents>();
  #position = 0;

  readonly openSocket = (_: string, events: SocketEvents) => {
    Promise.resolve().then(events.open);
    return {
      send: (text: string) => this.#hear(JSON.parse(text) as Command & { id?: string }, events),
      close: () => this.#open.delete(events),
    };
  };

  get connections(): number {
    return this.#open.size;
  }

  /** All texts that were sent, each as often as it was. */
  get sends(): string[] {
    return this.heard.flatMap((one) => (one.type === 'message.send' ? [one.payload.content ?? ''] : []));
  }

  tell(frame: Frame): void {
    for (const events of this.#open) events.message(JSON.stringify(frame));
  }

  cut(): void {
    for (const events of [...this.#open]) {
      this.#open.delete(events);
      events.close(1006, '');
    }
  }

  #hear(command: Command & { id?: string }, events: SocketEvents): void {
    this.heard.push(command);
    const answer = (frame: object): void => events.message(JSON.stringify({ ...frame, id: command.id }));
    if (command.type === 'auth') {
      this.#open.add(events);
      answer({ type: 'auth_success', payload: this.#hello() });
      // A client that comes back is at the end of the log: nothing was missed.
      answer({ type: 'resume.done', payload: { position: this.#position, epoch: 'e' } });
    }
    if (command.type === 'message.send') this.#take(command.payload as Sent, answer);
  }

  #take(sent: Sent, answer: (frame: object) => void): void {
    const policy = this.policy(sent);
    if (policy === 'ignore') return;
    if (typeof policy === 'object') {
      answer({ type: 'error', payload: { message: 'no', tempId: sent.tempId, ...policy } });
      return;
    }
    const { tempId } = sent;
    const known = this.stored.find((one) => one.tempId === tempId);
    const message = known ?? this.#store(sent);
    if (policy === 'take silently') return;
    if (policy === 'tell the fact') {
      this.tell({ type: 'message.new', payload: { message, unreadCount: 0, totalUnread: 0 }, position: this.#next() });
      return;
    }
    if (known === undefined && this.tellsFacts) {
      answer({
        type: 'message.sent',
        payload: { tempId, message, unreadCount: 0, totalUnread: 0 },
        position: this.#next(),
      });
    } else answer({ type: 'message.sent', payload: { tempId, message, replayed: true } });
  }

  #store({ conversationId, content, tempId }: Sent): Message {
    const at = new Date(NOW + this.stored.length).toISOString().replace('Z', '000Z');
    const message: Message = {
      id: `33333333-3333-7333-8333-${String(this.stored.length).padStart(12, '0')}`,
      conversationId,
      senderId: ME,
      receiverId: YOU,
      type: 'text',
      content: content ?? null,
      media: [],
      status: 'sent',
      isRead: false,
      createdAt: at,
      updatedAt: at,
      tempId,
    };
    this.stored.push(message);
    return message;
  }

  #next(): number {
    this.#position += 1;
    return this.#position;
  }

  #hello(): Hello {
    const connectedAt = '2026-01-01T00:00:00.000000Z';
    return { userId: ME, connectionId: 'c', connectedAt, position: this.#position, epoch: 'e' };
  }
}

export interface Tab {
  readonly client: DuologueClient;
  readonly platform: ReturnType<typeof memoryByHand>;
  readonly advance: (ms: number) => Promise<void>;
}

export interface TabOptions {
  readonly server: ScriptedServer;
  /** Tabs of one browser, and visits after each other, share these. */
  readonly world?: World;
  readonly timers?: ManualTimers;
  readonly seed?: number;
  readonly start?: boolean;
}

/** Started, and as far as it gets without time passing. */
export async function openTab({ server, start = true, ...shared }: TabOptions): Promise<Tab> {
  const platform = memoryByHand({
    world: createWorld(),
    timers: manualTimers(NOW),
    ...shared,
    openSocket: server.openSocket,
    fetch: () => Promise.reject(new TypeError('no HTTP here')),
  });
  const client = createClient({ url: 'https://chat.test', user: ME, platform, getToken: async () => 'token' });
  if (start) client.start();
  await platform.advance(0);
  return { client, platform, advance: platform.advance };
}

export const texts = ({ client }: Tab): string[] => client.outbox.entries.get().map(({ draft }) => draft.content);
export const states = ({ client }: Tab): string[] => client.outbox.entries.get().map(({ state }) => state);

/** One user's side of a server, small enough to be obvious: what it lists, and the facts that it tells. Times are numbers of facts. */

import type { ConversationPage, MessagePage, Pages } from '../../src/model.js';
import { conversationCursor, messageCursor } from '../../src/state/cursors.js';
import { preview } from '../../src/state/merge.js';
import { byActivity, byWriting } from '../../src/state/order.js';
import type { Conversation, Frame, Message, User } from '../../src/wire.js';

export const ME = '00000000-0000-7000-8000-000000000001';

const START = Date.UTC(2026, 0, 1);

interface Chat {
  readonly id: string;
  readonly other: User;
  messages: Message[];
  updatedAt: string;
  deletedTo: string;
  unread: number;
  blocking: boolean;
  blockedBy: boolean;
}

/** A fact: as it was told, and as the log tells it later. Null: there is nothing to show any more. */
interface Logged {
  readonly live: Frame;
  readonly later: () => Frame | null;
}

export class ServerModel {
  readonly chats: Chat[];
  readonly #log: Logged[] = [];
  #clock = 0;
  #ids = 0;

  constructor(partners: number) {
    this.chats = Array.from({ length: partners }, (_, index) => ({
      id: this.#id('c'),
      other: partner(this.#id('e'), index),
      messages: [],
      updatedAt: this.#time(),
      deletedTo: '',
      unread: 0,
      blocking: false,
      blockedBy: false,
    }));
  }

  get head(): number {
    return this.#log.length;
  }

  live(since: number, upTo = this.head): Frame[] {
    return this.#log.slice(since, upTo).map(({ live }) => live);
  }

  replay(since: number): Frame[] {
    return this.#log.slice(since).flatMap(({ later }) => later() ?? []);
  }

  // -- what people do -----------------------------------------------------------------------------------------------------

  send(chat: Chat, mine: boolean): void {
    if (chat.blocking || chat.blockedBy) return;
    const wasDeleted = this.#isDeleted(chat);
    const message = this.#message(chat, mine);
    chat.messages = [message, ...chat.messages];
    chat.updatedAt = message.createdAt;
    if (!mine) chat.unread += 1;
    const { id } = message;
    const payload = (told: Message): Frame => ({
      type: 'message.new',
      payload: {
        message: told,
        ...this.#counts(chat),
        ...(wasDeleted ? { conversation: this.#conversation(chat) } : {}),
      },
    });
    this.#tell(payload(message), () => {
      const today = this.#shown(chat).find((one) => one.id === id);
      if (today !== undefined) return payload(today);
      return wasDeleted && this.#isListed(chat) ? this.#appears(chat) : null;
    });
  }

  /** The user reads what the partner wrote, or the partner what the user wrote. */
  read(chat: Chat, mine: boolean, upTo: Message | undefined = this.#shown(chat)[0]): void {
    if (upTo === undefined) return;
    const isMarked = (one: Message): boolean =>
      !one.isRead && (one.senderId === ME) !== mine && byWriting(one, upTo) <= 0;
    const marked = this.#shown(chat).filter(isMarked);
    if (marked.length === 0) return;
    const readAt = this.#time();
    this.#change(chat, (one) => (isMarked(one) ? { ...one, isRead: true, readAt, status: 'read' } : one));
    if (mine) chat.unread -= marked.length;
    const messageIds = marked.slice(0, 100).map(({ id }) => id);
    const own = (): Frame => ({
      type: 'message.read_ack',
      payload: { conversationId: chat.id, markedCount: marked.length, readAt, upTo: upTo.id, ...this.#counts(chat) },
    });
    const theirs = (): Frame => ({
      type: 'message.read_update',
      payload: {
        conversationId: chat.id,
        messageIds,
        count: marked.length,
        upTo: upTo.id,
        readBy: chat.other.id,
        readAt,
      },
    });
    if (!mine) this.#reach(chat, upTo);
    const frame = mine ? own : theirs;
    this.#tell(frame(), frame);
  }

  deliver(chat: Chat): void {
    const upTo = chat.messages[0];
    if (upTo === undefined || upTo.deletedAt !== undefined || chat.blocking || chat.blockedBy) return;
    if (!this.#reach(chat, upTo)) return;
    const frame: Frame = {
      type: 'message.delivered',
      payload: { conversationId: chat.id, upTo: upTo.id, deliveredAt: this.#time() },
    };
    this.#tell(frame, () => frame);
  }

  deleteMessage(chat: Chat, message: Message): void {
    const deletedAt = this.#time();
    if (message.senderId !== ME && !message.isRead) chat.unread -= 1;
    this.#change(chat, (one) => (one.id === message.id ? { ...one, deletedAt, content: '' } : one));
    const frame = (): Frame => ({
      type: 'message.deleted',
      payload: { conversationId: chat.id, messageId: message.id, deletedAt, ...this.#counts(chat) },
    });
    this.#tell(frame(), frame);
  }

  deleteChat(chat: Chat): void {
    if (!this.#isListed(chat)) return;
    chat.deletedTo = chat.updatedAt;
    chat.unread = 0;
    const frame = (): Frame => ({
      type: 'conversation.deleted',
      payload: { conversationId: chat.id, ...this.#counts(chat) },
    });
    this.#tell(frame(), frame);
  }

  block(chat: Chat): void {
    chat.blocking = !chat.blocking;
    const frame: Frame = {
      type: chat.blocking ? 'block.added' : 'block.removed',
      payload: { id: this.#id('b'), blockedUser: chat.other, createdAt: this.#time() },
    };
    this.#tell(frame, () => frame);
  }

  beBlocked(chat: Chat): void {
    chat.blockedBy = !chat.blockedBy;
    const added = chat.blockedBy;
    const frame = (): Frame => ({
      type: 'conversation.updated',
      payload: {
        conversationId: chat.id,
        isBlocked: chat.blocking || chat.blockedBy,
        hidden: chat.blockedBy,
        ...(!added && this.#isListed(chat) ? { conversation: this.#conversation(chat) } : {}),
        ...this.#counts(chat),
      },
    });
    this.#tell(frame(), frame);
  }

  // -- what it lists ------------------------------------------------------------------------------------------------------

  /** Pages of the list; `position` is that of the header, read before. */
  inbox(position: number, limit: number, pages = Number.POSITIVE_INFINITY): Pages<ConversationPage> {
    const listed = this.chats.filter((chat) => this.#isListed(chat)).map((chat) => this.#conversation(chat));
    const parts = chunks(listed.toSorted(byActivity), limit).slice(0, pages);
    const all: ConversationPage[] = parts.map((conversations, index) => {
      const last = conversations.at(-1);
      const hasMore = (index + 1) * limit < listed.length;
      const nextCursor = hasMore && last !== undefined ? { nextCursor: conversationCursor(last) } : {};
      return { success: true, message: '', data: { conversations, meta: { hasMore, ...nextCursor } }, position };
    });
    return { pages: all, pageParams: all.map((_, index) => (index === 0 ? undefined : `cursor ${index}`)) };
  }

  timeline(chat: Chat, position: number, limit: number): Pages<MessagePage> {
    const parts = chunks(this.#shown(chat), limit);
    const all = parts.map((messages, index): MessagePage => {
      const [first, last] = [messages[0], messages.at(-1)];
      const older = last !== undefined && index + 1 < parts.length ? messageCursor(last) : null;
      return { messages, older, newer: index > 0 && first !== undefined ? messageCursor(first) : null, position };
    });
    return { pages: all, pageParams: all.map((page, index) => (index === 0 ? null : { older: page.newer })) };
  }

  shown(chat: Chat): Message[] {
    return this.#shown(chat);
  }

  // -- parts --------------------------------------------------------------------------------------------------------------

  #tell(live: Frame, later: () => Frame | null): void {
    const at = this.#log.length + 1;
    const placed = (frame: Frame | null): Frame | null => frame && ({ ...frame, position: at } as Frame);
    this.#log.push({ live: { ...live, position: at } as Frame, later: () => placed(later()) });
  }

  #appears(chat: Chat): Frame {
    const conversation = this.#conversation(chat);
    return {
      type: 'conversation.updated',
      payload: { conversationId: chat.id, lastMessage: null, conversation, ...this.#counts(chat) },
    };
  }

  #message(chat: Chat, mine: boolean): Message {
    const createdAt = this.#time();
    const [senderId, receiverId] = mine ? [ME, chat.other.id] : [chat.other.id, ME];
    return {
      id: this.#id('d'),
      conversationId: chat.id,
      senderId,
      receiverId,
      type: 'text',
      content: `text ${createdAt}`,
      media: [],
      status: mine ? 'sent' : 'delivered',
      isRead: false,
      createdAt,
      updatedAt: createdAt,
    };
  }

  /** Whether the mark of what reached the partner moved. */
  #reach(chat: Chat, upTo: Message): boolean {
    const before = chat.messages;
    this.#change(chat, (one) =>
      one.senderId === ME && one.status === 'sent' && byWriting(one, upTo) <= 0 ? { ...one, status: 'delivered' } : one,
    );
    return chat.messages.some((one, index) => one !== before[index]);
  }

  #change(chat: Chat, change: (message: Message) => Message): void {
    chat.messages = chat.messages.map(change);
  }

  #shown(chat: Chat): Message[] {
    return chat.messages.filter((one) => one.deletedAt === undefined && one.createdAt > chat.deletedTo);
  }

  #isDeleted(chat: Chat): boolean {
    return chat.deletedTo >= chat.updatedAt;
  }

  #isListed(chat: Chat): boolean {
    return !(chat.blockedBy || this.#isDeleted(chat));
  }

  #conversation(chat: Chat): Conversation {
    const last = chat.messages.find((one) => one.createdAt > chat.deletedTo);
    return {
      id: chat.id,
      otherUser: chat.other,
      lastMessage: last === undefined ? null : preview(last),
      unreadCount: chat.unread,
      updatedAt: chat.updatedAt,
      isBlocked: chat.blocking || chat.blockedBy,
    };
  }

  #counts(chat: Chat): { unreadCount: number; totalUnread: number } {
    const total = this.chats.reduce((sum, one) => sum + (one.blockedBy ? 0 : one.unread), 0);
    return { unreadCount: chat.unread, totalUnread: total };
  }

  /** A millisecond later each time. */
  #time(): string {
    this.#clock += 1;
    return new Date(START + this.#clock).toISOString().replace('Z', '000Z');
  }

  /** Of version 7, as the server's. */
  #id(kind: string): string {
    this.#ids += 1;
    const time = (START + this.#clock).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${String(this.#ids).padStart(11, '0')}${kind}`;
  }
}

function partner(id: string, index: number): User {
  return { id, username: `partner${index}`, displayName: `Partner ${index}`, avatar: '', isOnline: false };
}

function chunks<T>(items: T[], size: number): T[][] {
  const count = Math.max(1, Math.ceil(items.length / size));
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

import { expect, test } from 'vitest';
import type { ConversationPage, MessagePage, Pages } from '../../src/model.js';
import { missesConversation, reduceInbox } from '../../src/state/inbox.js';
import { reduceTimeline } from '../../src/state/timeline.js';
import type { Frame } from '../../src/wire.js';
import { type Dice, dice } from './random.js';
import { ME, ServerModel } from './world.js';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

function step(server: ServerModel, { pick, below }: Dice): void {
  const chat = pick(server.chats);
  if (chat === undefined) return;
  const shown = server.shown(chat);
  const message = pick(shown);
  const choices = [
    () => server.send(chat, true),
    () => server.send(chat, false),
    () => server.send(chat, below(2) === 0),
    () => server.read(chat, true, below(2) === 0 ? message : undefined),
    () => server.read(chat, false, below(2) === 0 ? message : undefined),
    () => server.deliver(chat),
    () => message && server.deleteMessage(chat, message),
    () => below(4) === 0 && server.deleteChat(chat),
    () => below(3) === 0 && server.block(chat),
    () => below(3) === 0 && server.beBlocked(chat),
  ];
  pick(choices)?.();
}

function steps(server: ServerModel, random: Dice, most: number): void {
  const count = random.below(most);
  for (let number = 0; number < count; number += 1) step(server, random);
}

function one() {
  const server = new ServerModel(1);
  const [chat] = server.chats;
  if (chat === undefined) throw new Error('no conversation');
  return [server, chat] as const;
}

/** Facts as a device gets them: live, or from the log after a while away. */
function facts(server: ServerModel, random: Dice, since: number): Frame[] {
  const seen = since + random.below(server.head - since + 1);
  return [...server.live(since, seen), ...server.replay(seen)];
}

const conversations = (pages: Pages<ConversationPage>) => pages.pages.flatMap((page) => page.data.conversations);
const messages = (pages: Pages<MessagePage>) => pages.pages.flatMap((page) => page.messages);

test.each(SEEDS)('a list and the facts since its position are as the list is now: seed %i', (seed) => {
  const random = dice(seed);
  const server = new ServerModel(6);
  steps(server, random, 60);
  const position = server.head;
  steps(server, random, 10);
  let pages = server.inbox(position, 3);
  steps(server, random, 60);
  for (const frame of facts(server, random, position)) {
    const isMissing = missesConversation(pages, frame);
    pages = reduceInbox(pages, frame, ME);
    if (isMissing) pages = server.inbox(server.head, 3);
  }
  expect(conversations(pages)).toEqual(conversations(server.inbox(server.head, 100)));
});

test.each(SEEDS)('a timeline and the facts since its position are as the timeline is now: seed %i', (seed) => {
  const random = dice(seed);
  const [server, chat] = one();
  steps(server, random, 60);
  const position = server.head;
  steps(server, random, 10);
  let pages = server.timeline(chat, position, 4);
  steps(server, random, 150);
  for (const frame of facts(server, random, position)) pages = reduceTimeline(pages, frame, ME, chat.id);
  expect(messages(pages)).toEqual(server.shown(chat));
});

test.each(SEEDS)('facts that pages hold change nothing, not even the object: seed %i', (seed) => {
  const random = dice(seed);
  const [server, chat] = one();
  steps(server, random, 60);
  const inbox = server.inbox(server.head, 3);
  const timeline = server.timeline(chat, server.head, 4);
  for (const frame of server.live(0)) {
    expect(reduceInbox(inbox, frame, ME)).toBe(inbox);
    expect(reduceTimeline(timeline, frame, ME, chat.id)).toBe(timeline);
  }
});

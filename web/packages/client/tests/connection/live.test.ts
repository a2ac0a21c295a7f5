import process from 'node:process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createConnection } from '../../src/connection/create-connection.js';
import { createTokens } from '../../src/connection/token.js';
import type { Connection } from '../../src/connection.js';
import { type MemoryPlatform, memory } from '../../src/platform/memory.js';
import { seededRandom } from '../../src/platform/random.js';
import { createRest } from '../../src/rest/create-rest.js';
import type { Rest } from '../../src/rest/rest.js';
import type { Frame } from '../../src/wire.js';
import { startProxy } from '../proxy.js';
import { type RunningServer, startServer } from '../server.js';
import { positions } from './stage.js';

const PATIENT = { timeout: 50_000, interval: 50 };

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: 'off' });
}, 60_000);
afterAll(async () => {
  await server.stop();
});

interface Person {
  readonly platform: MemoryPlatform;
  readonly rest: Rest;
  readonly connection: Connection;
  readonly frames: Frame[];
  readonly username: string;
  readonly heard: () => (string | null)[];
}

async function person(url = server.url): Promise<Person> {
  const { accessToken, user } = await server.register();
  const platform = memory();
  const tokens = createTokens(() => Promise.resolve(accessToken));
  const rest = createRest({ url, tokens, platform });
  const connection = createConnection({ url, user: user.id, platform, tokens, events: rest.events });
  const frames: Frame[] = [];
  connection.onFrame((frame) => frames.push(frame));
  const heard = (): (string | null)[] =>
    frames.flatMap((frame) => (frame.type === 'message.new' ? [frame.payload.message.content] : []));
  return { platform, rest, connection, frames, username: user.username, heard };
}

async function online({ connection }: Person): Promise<void> {
  connection.start();
  await vi.waitUntil(() => connection.status.get().state === 'online', PATIENT);
}

test('frames go on without loss when the server crashes and comes back', { timeout: 60_000 }, async () => {
  const [sender, reader] = await Promise.all([person(), person()]);
  const { data: conversation } = await sender.rest.conversations.withUser(reader.username);
  const send = (content: string): Promise<unknown> =>
    sender.rest.messages.send(conversation.id, { content }, crypto.randomUUID());
  await online(reader);
  await send('before');
  await expect.poll(reader.heard, PATIENT).toEqual(['before']);
  await server.kill();
  await expect.poll(() => reader.connection.status.get().state, PATIENT).not.toBe('online');
  await server.start();
  await send('after');
  await expect.poll(reader.heard, PATIENT).toEqual(['before', 'after']);
  await expect.poll(() => reader.connection.status.get().state, PATIENT).toBe('online');
  const [first = 0, ...others] = positions(reader.frames);
  expect(others).toEqual(others.map((_, index) => first + index + 1));
  reader.connection.stop();
});

test('a command is answered by the server itself', { timeout: 30_000 }, async () => {
  const [sender, reader] = await Promise.all([person(), person()]);
  const { data: conversation } = await sender.rest.conversations.withUser(reader.username);
  await online(sender);
  const send = (content: string): Promise<Frame> =>
    sender.connection.ask({ type: 'message.send', payload: { conversationId: conversation.id, content } });
  expect(await send('hi')).toMatchObject({ type: 'message.sent', payload: { message: { content: 'hi' } } });
  await expect(send('')).rejects.toMatchObject({ code: 'VALIDATION_ERROR', isLost: false });
  expect(sender.frames.map(({ type }) => type)).not.toContain('message.error');
  sender.connection.stop();
});

test('where a proxy eats sockets messages come by polling, and by a socket when it lets them', {
  timeout: 60_000,
}, async () => {
  const proxy = await startProxy(server.url);
  proxy.setUpgrades(false);
  const [sender, reader] = await Promise.all([person(), person(proxy.url)]);
  const { data: conversation } = await sender.rest.conversations.withUser(reader.username);
  reader.connection.start();
  await expect.poll(() => reader.connection.status.get().state, PATIENT).toBe('polling');
  await sender.rest.messages.send(conversation.id, { content: 'polled' }, crypto.randomUUID());
  await expect.poll(reader.heard, PATIENT).toEqual(['polled']);
  proxy.setUpgrades(true);
  reader.connection.reconnect();
  await expect.poll(() => reader.connection.status.get().state, PATIENT).toBe('online');
  await sender.rest.messages.send(conversation.id, { content: 'pushed' }, crypto.randomUUID());
  await expect.poll(reader.heard, PATIENT).toEqual(['polled', 'pushed']);
  reader.connection.stop();
  await proxy.stop();
});

// FULL=1 looks longer.
test.each(process.env.FULL ? [1, 2, 3, 4, 5, 6] : [1])(
  'through a proxy that drops, delays, doubles and cuts, every fact comes once, in order (%i)',
  {
    timeout: 90_000,
  },
  async (seed) => {
    const proxy = await startProxy(server.url);
    const [sender, reader] = await Promise.all([person(), person(proxy.url)]);
    const { data: conversation } = await sender.rest.conversations.withUser(reader.username);
    const send = (content: string): Promise<unknown> =>
      sender.rest.messages.send(conversation.id, { content }, crypto.randomUUID());
    await online(reader);
    const since = reader.connection.cursor.get();
    const random = seededRandom(seed);
    proxy.setFaults({ random, drop: 0.1, duplicate: 0.2, delay: 300 });
    const texts: string[] = [];
    const hasSuffered = (): boolean =>
      Math.min(proxy.counts.dropped, proxy.counts.duplicated, proxy.counts.overtaken) > 0;
    const say = async (mayCut: boolean): Promise<void> => {
      texts.push(`${texts.length}`);
      await send(`${texts.length - 1}`);
      if (mayCut && random() < 0.05) proxy.cut();
    };
    // biome-ignore lint/performance/noAwaitInLoops: their order is what is tested
    while (texts.length < 80) await say(true);
    // An early cut may have let all of it come by a replay over a socket that nothing befell.
    while (!hasSuffered()) {
      // biome-ignore lint/performance/noAwaitInLoops: as above
      await vi.waitUntil(() => reader.connection.status.get().state === 'online', PATIENT);
      await say(false);
    }
    proxy.setFaults(null);
    await send('last');
    await expect.poll(reader.heard, PATIENT).toEqual([...texts, 'last']);
    const { data } = await reader.rest.events({ since: since?.position ?? 0, limit: 500 });
    expect(positions(reader.frames)).toEqual('events' in data ? positions(data.events) : []);
    reader.connection.stop();
    await proxy.stop();
  },
);

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type FaultyProxy, startProxy } from '../proxy.js';
import { type RunningServer, startServer } from '../server.js';
import { closeAll, join, open, PATIENT } from './people.js';

let server: RunningServer;
let proxy: FaultyProxy;
beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: 'off' });
  proxy = await startProxy(server.url);
  proxy.setUpgrades(false);
}, 60_000);
afterEach(closeAll);
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

test('where no socket opens a message is shown once at every moment', { timeout: 60_000 }, async () => {
  const [anna, bert] = [await join(server), await join(server)];
  const one = anna.device({ url: proxy.url });
  await expect.poll(() => one.client.connection.status.get().state, PATIENT).toBe('polling');
  const chat = await open(one, bert);
  await one.screen.load(chat);
  const moments: string[][] = [];
  const look = () => moments.push(one.screen.lines(chat));
  one.client.onFrame(look);
  one.client.outbox.entries.subscribe(look);
  const { key } = await one.client.outbox.send({ conversationId: chat, content: 'hello' });
  await expect.poll(() => one.screen.messages(chat), PATIENT).toHaveLength(1);
  await expect.poll(() => one.client.outbox.entries.get(), PATIENT).toEqual([]);
  expect(moments.filter((lines) => lines.length !== 1)).toEqual([]);
  expect(one.screen.lines(chat)).toEqual(['hello sent']);
  expect(one.screen.messages(chat)[0]?.tempId).toBe(key);
});

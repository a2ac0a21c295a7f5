import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Socket, SocketEvents } from '../../src/ports.js';
import { join, type Person } from '../rest/people.js';
import { type RunningServer, startServer } from '../server.js';

const GLOBALS = [
  'BroadcastChannel',
  'WebSocket',
  'XMLHttpRequest',
  'addEventListener',
  'crypto',
  'document',
  'fetch',
  'indexedDB',
  'localStorage',
  'location',
  'navigator',
  'self',
  'sessionStorage',
  'window',
];

let server: RunningServer;
let [ann, ben] = [] as unknown as [Person, Person];

beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: 'off' });
  [ann, ben] = [await join(server), await join(server)];
}, 60_000);
afterAll(() => server.stop(), 60_000);

test('the core is imported and runs where no global of a browser is, by its platform alone', async () => {
  const { fetch, WebSocket: RealSocket } = globalThis;
  for (const name of GLOBALS) vi.stubGlobal(name, undefined);
  try {
    const { createClient } = await import('../../src/index.js');
    const { memory } = await import('../../src/platform/memory.js');
    const openSocket = (url: string, events: SocketEvents): Socket => socketOver(RealSocket, url, events);
    const platform = memory({ fetch, openSocket, seed: 1 });
    const getToken = () => Promise.resolve(ann.token);
    const client = createClient({ url: server.url, user: ann.me.id, getToken, platform });
    const stop = client.start();
    await expect.poll(() => client.connection.status.get().state, { timeout: 10_000 }).toBe('online');
    const { data } = await client.rest.conversations.withUser(ben.me.username);
    const arrived = new Promise((resolve) => client.on('message.sent', resolve));
    await client.outbox.send({ conversationId: data.id, content: 'without a DOM' });
    expect(await arrived).toMatchObject({ payload: { message: { content: 'without a DOM' } } });
    await client.drafts.set(data.id, 'draft');
    expect(await client.drafts.get(data.id)).toBe('draft');
    stop();
    expect(client.connection.status.get().state).toBe('idle');
  } finally {
    vi.unstubAllGlobals();
  }
});

function socketOver(RealSocket: typeof WebSocket, url: string, events: SocketEvents): Socket {
  const socket = new RealSocket(url);
  socket.onopen = () => events.open();
  socket.onmessage = ({ data }) => events.message(String(data));
  socket.onclose = ({ code, reason }) => events.close(code, reason);
  return socket;
}

import { expect, test } from 'vitest';
import { createWorld, manualTimers, memory, memoryByHand } from '../../src/platform/memory.js';
import type { SocketEvents } from '../../src/ports.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('time stands still until it is advanced, and timers fire in order, those set meanwhile too', async () => {
  const platform = memoryByHand();
  const { now, after } = platform.timers;
  const start = now();
  const fired: [string, number][] = [];
  after(200, () => fired.push(['second', now() - start]));
  after(100, () => {
    Promise.resolve().then(() => after(50, () => fired.push(['set meanwhile', now() - start])));
  });
  after(120, () => fired.push(['called off', now() - start]))();
  await platform.advance(199);
  expect(fired).toEqual([['set meanwhile', 150]]);
  await platform.advance(1);
  expect(fired).toEqual([
    ['set meanwhile', 150],
    ['second', 200],
  ]);
  expect(now() - start).toBe(200);
});

test('of timers that are due together the earlier fires first, and of two at once the one set first', async () => {
  const { timers, advance } = memoryByHand();
  const fired: number[] = [];
  for (const ms of [300, 100, 200, 100.5, 100]) timers.after(ms, () => fired.push(ms));
  await advance(300);
  expect(fired).toEqual([100, 100, 100.5, 200, 300]);
});

test('the same seed makes the same numbers and UUIDs, another seed others', () => {
  const [one, same, other] = [memory({ seed: 1 }), memory({ seed: 1 }), memory({ seed: 2 })];
  expect([one.uuid(), one.random()]).toEqual([same.uuid(), same.random()]);
  expect(one.uuid()).not.toBe(other.uuid());
  expect(one.uuid()).toMatch(UUID);
  expect(memory().uuid()).not.toBe(memory().uuid());
});

test('while the network is off requests fail, and sockets do not open', async () => {
  const platform = memory({ fetch: () => Promise.resolve(new Response('here')) });
  const heard: string[] = [];
  platform.network.subscribe((event) => heard.push(event));
  platform.network.setOnline(false);
  await expect(platform.fetch('http://x')).rejects.toThrow(TypeError);
  platform.openSocket('ws://x', listening(heard));
  await expect.poll(() => heard).toEqual(['offline', 'closed 1006']);
  platform.network.setOnline(true);
  expect(await (await platform.fetch('http://x')).text()).toBe('here');
  expect(platform.network.isOnline()).toBe(true);
});

test('a socket is cut when the network goes, and told of it once', () => {
  const heard: string[] = [];
  const server = manualSocket();
  const platform = memory({ openSocket: server.open });
  platform.openSocket('ws://x', listening(heard));
  server.events().open();
  platform.network.setOnline(false);
  server.events().message('too late');
  server.events().close(1000, '');
  expect(heard).toEqual(['open', 'closed 1006']);
  expect(server.isClosed()).toBe(true);
});

test('a tab that ends frees its locks, and nothing of it speaks any more', async () => {
  const world = createWorld();
  const timers = manualTimers(0);
  const server = manualSocket();
  const [first, second] = [memory({ world, timers, openSocket: server.open }), memory({ world, timers })];
  const heard: string[] = [];
  first.locks.hold('lead', new AbortController().signal, () => heard.push('first leads'));
  second.locks.hold('lead', new AbortController().signal, () => heard.push('second leads'));
  first.timers.after(10, () => heard.push('timer of the first'));
  first.channel('c').subscribe(() => heard.push('message to the first'));
  first.openSocket('ws://x', listening(heard));
  await timers.advance(0);
  first.end();
  second.channel('c').post(1);
  await timers.advance(20);
  expect(heard).toEqual(['first leads', 'second leads']);
  expect(server.isClosed()).toBe(true);
});

function listening(heard: string[]): SocketEvents {
  return {
    open: () => heard.push('open'),
    message: (text) => heard.push(text),
    close: (code) => heard.push(`closed ${code}`),
  };
}

function manualSocket() {
  let events: SocketEvents | undefined;
  let isClosed = false;
  return {
    open: (_url: string, given: SocketEvents) => {
      events = given;
      return {
        send: () => undefined,
        close: () => {
          isClosed = true;
        },
      };
    },
    events: (): SocketEvents => {
      if (events === undefined) throw new Error('no socket was opened');
      return events;
    },
    isClosed: () => isClosed,
  };
}

import { describe, expect, test, vi } from 'vitest';
import { broadcastChannel, webLocks } from '../../src/platform/tabs.js';
import { freshName, PLACES } from './places.js';

describe.each(PLACES)('channels of $place', ({ openTab }) => {
  test('reach the other tabs, and not oneself', async () => {
    const name = freshName();
    const [own, other] = [openTab().channel(name), openTab().channel(name)];
    const heard: unknown[] = [];
    own.subscribe((message) => heard.push(['own', message]));
    other.subscribe((message) => heard.push(['other', message]));
    own.post({ n: 1 });
    await expect.poll(() => heard).toEqual([['other', { n: 1 }]]);
    own.close();
    other.close();
  });

  test('are silent after unsubscribing, and after closing', async () => {
    const name = freshName();
    const [own, left, closed, last] = [1, 2, 3, 4].map(() => openTab().channel(name)) as [Ch, Ch, Ch, Ch];
    const heard: string[] = [];
    left.subscribe(() => heard.push('left'))();
    closed.subscribe(() => heard.push('closed'));
    last.subscribe(() => heard.push('last'));
    closed.close();
    closed.post('from a closed one');
    own.post('to all');
    await expect.poll(() => heard).toEqual(['last']);
    own.close();
    left.close();
    last.close();
  });
});

type Ch = ReturnType<typeof broadcastChannel>;

describe.each(PLACES)('locks of $place', ({ openTab }) => {
  test('are held by one tab at a time, in the order of asking', async () => {
    const name = freshName();
    const held: string[] = [];
    const asks = ['first', 'second', 'third'].map((tab) => {
      const ask = new AbortController();
      openTab().locks.hold(name, ask.signal, () => held.push(tab));
      return ask;
    });
    await expect.poll(() => held).toEqual(['first']);
    asks[1]?.abort();
    asks[0]?.abort();
    await expect.poll(() => held).toEqual(['first', 'third']);
    asks[2]?.abort();
  });

  test('are never told to who gave up before', async () => {
    const name = freshName();
    const held = vi.fn();
    openTab().locks.hold(name, AbortSignal.abort(), held);
    const hasty = new AbortController();
    openTab().locks.hold(name, hasty.signal, held);
    hasty.abort();
    const next = new AbortController();
    await new Promise<void>((ours) => openTab().locks.hold(name, next.signal, ours));
    expect(held).not.toHaveBeenCalled();
    next.abort();
  });

  test('of different names do not wait for each other', async () => {
    const ask = new AbortController();
    await Promise.all(
      [1, 2].map(() => new Promise<void>((ours) => openTab().locks.hold(freshName(), ask.signal, ours))),
    );
    ask.abort();
  });
});

test('without Web Locks every tab holds the lock, once', async () => {
  vi.stubGlobal('navigator', {});
  const held = vi.fn();
  const ask = new AbortController();
  webLocks().hold('x', ask.signal, held);
  webLocks().hold('x', ask.signal, held);
  await expect.poll(() => held.mock.calls.length).toBe(2);
  vi.unstubAllGlobals();
});

test('without BroadcastChannel nobody is reached, and nothing breaks', () => {
  vi.stubGlobal('BroadcastChannel', undefined);
  const channel = broadcastChannel('x');
  channel.subscribe(() => expect.unreachable())();
  channel.post(1);
  channel.close();
  vi.unstubAllGlobals();
});

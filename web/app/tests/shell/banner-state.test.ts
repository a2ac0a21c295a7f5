import { expect, test } from 'vitest';
import { bannerOf } from '../../src/shell/banner-state';

const leads = true;

test.each(['idle', 'catching_up', 'online', 'polling'] as const)('nothing is said while %s', (state) => {
  expect(bannerOf({ state, leads }, true, 0)).toEqual({ kind: 'none' });
});

test('a device without a network is offline, whatever the connection still believes', () => {
  expect(bannerOf({ state: 'online', leads }, false, 0)).toEqual({ kind: 'offline' });
  expect(bannerOf({ state: 'offline', leads }, true, 0)).toEqual({ kind: 'offline' });
});

test('the wait is counted down in whole seconds, never below zero', () => {
  const status = { state: 'waiting', retryAt: 10_000, leads } as const;
  expect(bannerOf(status, true, 7100)).toEqual({ kind: 'waiting', seconds: 3 });
  expect(bannerOf(status, true, 12_000)).toEqual({ kind: 'waiting', seconds: 0 });
});

test('connecting is trouble too: whoever shows it decides for how long it may last unseen', () => {
  expect(bannerOf({ state: 'connecting', leads }, true, 0)).toEqual({ kind: 'trying' });
});

test('what has stopped says why, also without a network', () => {
  const status = { state: 'stopped', reason: 'too_many_connections', leads } as const;
  expect(bannerOf(status, false, 0)).toEqual({ kind: 'stopped', reason: 'too_many_connections' });
});

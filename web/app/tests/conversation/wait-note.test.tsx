// @vitest-environment jsdom
import type { Pending } from '@duologue/client';
import { act, cleanup, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { completeDom, setStage } from '../stage';
import { NOON, pending } from './items';
import { Page, record } from './rows';

const NOTE = /Waiting for the connection|ent again/;

beforeEach(() => {
  completeDom();
  vi.useFakeTimers({ now: NOON });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** A message that waits, as its row shows it. `isOnline`: the network is there. */
async function show(facts: Partial<Pending>, isOnline = true) {
  const stage = setStage(isOnline ? () => undefined : undefined);
  const item = pending('a', 'queued');
  const items = [{ ...item, pending: { ...item.pending, ...facts } }];
  stage.show(<Page items={items} actions={record().actions} />);
  await act(() => vi.advanceTimersByTimeAsync(0));
}

describe('a message that waits', () => {
  it('says when it goes out again that was one too many', async () => {
    await show({
      notBefore: NOON + 12_000,
      error: { code: 'RATE_LIMITED', message: '', retryable: true },
    });
    expect(screen.getByText('Too many messages; sent again in 12 s')).toBeTruthy();
    await act(() => vi.advanceTimersByTimeAsync(5000));
    expect(screen.getByText('Too many messages; sent again in 7 s')).toBeTruthy();
    await act(() => vi.advanceTimersByTimeAsync(7000));
    expect(screen.queryByText(NOTE)).toBeNull();
  });

  it('says when it is tried again after another refusal', async () => {
    await show({ notBefore: NOON + 3000, error: { code: 'UNAVAILABLE', message: '', retryable: true } });
    expect(screen.getByText('Sent again in 3 s')).toBeTruthy();
  });

  it('says that there is no connection', async () => {
    await show({}, false);
    expect(screen.getByText('Waiting for the connection')).toBeTruthy();
  });

  it('says nothing where it is its turn next', async () => {
    await show({});
    expect(screen.queryByText(NOTE)).toBeNull();
  });
});

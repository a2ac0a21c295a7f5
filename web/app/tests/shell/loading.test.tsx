import '../browser';

import { Suspense } from 'react';
import { expect, it, vi } from 'vitest';
import { ErrorBoundary } from '../../src/shell/error-boundary';
import { takeReload } from '../../src/shell/reload';
import { loadPart } from '../../src/ui/load-part';
import { memoryStorage } from '../storage';
import { fireEvent, render, screen } from '../testing';

vi.spyOn(console, 'error').mockImplementation(() => undefined);

it('loads the page anew once, not in a circle, and again when time has passed', () => {
  const storage = memoryStorage();
  const at = (now: number) => takeReload({ isOnline: true, storage, now });
  expect([at(1_000_000), at(1_000_500), at(1_059_000), at(1_061_000)]).toEqual([true, false, false, true]);
});

it('does not load the page anew without a network, nor where nobody would know of it', () => {
  expect(takeReload({ isOnline: false, storage: memoryStorage(), now: 1_000_000 })).toBe(false);
  expect(takeReload({ isOnline: true, storage: null, now: 1_000_000 })).toBe(false);
});

it('asks anew for a part that could not be loaded', async () => {
  let tries = 0;
  const load = () => {
    tries += 1;
    return tries < 3 ? Promise.reject(new Error('away')) : Promise.resolve(() => <p>Here</p>);
  };
  const Part = loadPart(load);
  render(
    <ErrorBoundary>
      <Suspense>
        <Part />
      </Suspense>
    </ErrorBoundary>,
  );
  fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
  await vi.waitFor(() => expect(tries).toBe(2));
  fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
  await screen.findByText('Here');
  expect(tries).toBe(3);
});

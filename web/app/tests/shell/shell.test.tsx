import '../browser';

import { expect, it } from 'vitest';
import { Router } from 'wouter';
import { memoryLocation } from 'wouter/memory-location';
import { pathOf } from '../../src/address';
import { RoomContext } from '../../src/session/session-context';
import { readPreferences } from '../../src/settings/device';
import { DeviceProvider } from '../../src/settings/device-context';
import { Shell } from '../../src/shell/shell';
import { setStage } from '../stage';
import { fireEvent, screen, waitFor } from '../testing';

const NAMES = ['a@b.example', '50%', 'a%40b', '&+$,;:=?#%', 'สมชาย', "o'neill (2)"];

/** The page at an address, on a network that answers nothing; what it has asked the server for. */
function at(path: string) {
  const asked: string[] = [];
  const { show } = setStage((request) => {
    asked.push(request);
  });
  const { hook, searchHook } = memoryLocation({ path });
  const device = { get: () => preferences, subscribe: () => () => undefined, change: () => undefined };
  const preferences = readPreferences(null, ['en']);
  const room = { kind: 'account' as const, signOut: null, account: null, leave: () => undefined };
  show(
    <Router hook={hook} searchHook={searchHook}>
      <DeviceProvider device={device}>
        <RoomContext value={room}>
          <Shell />
        </RoomContext>
      </DeviceProvider>
    </Router>,
  );
  return asked;
}

it.each(NAMES)('opens the conversation with %s from its address', async (name) => {
  const asked = at(pathOf(name));
  expect(screen.getByRole('region', { name: `Conversation with ${name}` })).toBeTruthy();
  await waitFor(() => expect(asked.some((path) => path.endsWith(`/with/${encodeURIComponent(name)}`))).toBe(true));
});

it('finds nothing where an address cannot be read', () => {
  at('/chat/%E0%A4%A');
  expect(screen.getByRole('heading', { name: 'There is no such scene' })).toBeTruthy();
});

it('skips to the conversation without a change of the address', () => {
  at('/chat/ann');
  const followed = fireEvent.click(screen.getByRole('link', { name: 'Skip to the conversation' }));
  expect(followed).toBe(false);
  expect(document.activeElement).toBe(screen.getByRole('main'));
});

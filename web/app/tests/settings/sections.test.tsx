import '../browser';

import { expect, it, vi } from 'vitest';
import { RoomContext } from '../../src/session/session-context';
import { AccountSection } from '../../src/settings/account-section';
import { BlockedSection } from '../../src/settings/blocked-section';
import { PrivacySection } from '../../src/settings/privacy-section';
import { ProfileSection } from '../../src/settings/profile-section';
import { ME, PARTNER, setStage } from '../stage';
import { act, fireEvent, screen, waitFor } from '../testing';

const NOW = '2026-11-21T10:00:00.000000Z';
const me = {
  id: ME,
  username: 'ann',
  displayName: 'Ann',
  avatar: '',
  whoCanMessage: 'everyone',
  sendReadReceipts: true,
  showLastSeen: true,
};
const block = {
  id: 'b-1',
  createdAt: NOW,
  blockedUser: { id: PARTNER, username: 'bob', displayName: 'Bob', avatar: '', isOnline: false },
};
const ok = (data: unknown) => ({ status: 200, body: { success: true, message: 'yes', data } });
const refused = (code: string) => ({
  status: 400,
  body: { success: false, message: 'no', error: { code, message: 'no', requestId: 'r' } },
});

/** A server that refuses the paths that hold `part`, until it is told otherwise. */
function moody(part: string, answers: (path: string) => unknown) {
  const mood = { refuses: true };
  const stage = setStage((path) =>
    mood.refuses && path.includes(part) ? refused('VALIDATION_ERROR') : ok(answers(path)),
  );
  return { ...stage, mood };
}
const tryAgain = async () => fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));

it.each([
  ['privacy', <PrivacySection key="1" />, 'Everyone'],
  ['profile', <ProfileSection key="2" />, 'Ann'],
])('says of the %s that it could not be loaded, and tries again', async (_name, section, shown) => {
  const { show, mood } = moody('/users/me', () => me);
  const room = { kind: 'platform' as const, signOut: null, account: null, leave: () => undefined };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  show(<RoomContext value={room}>{section}</RoomContext>);
  act(() => {
    vi.advanceTimersByTime(10_000);
  });
  vi.useRealTimers();
  await screen.findByText('This could not be loaded');
  mood.refuses = false;
  await tryAgain();
  await screen.findByText(shown);
});

it('says of blocked people that they could not be loaded, and tries again', async () => {
  const { show, mood } = moody('/block', () => ({ blocks: [block], meta: { hasMore: false } }));
  show(<BlockedSection />);
  await screen.findByText('This could not be loaded');
  mood.refuses = false;
  await tryAgain();
  await screen.findByText('Bob');
});

it('says that more blocked people could not be loaded, and keeps those that are there', async () => {
  const { show, mood } = moody('cursor=', (path) =>
    path.includes('cursor=')
      ? { blocks: [{ ...block, id: 'b-2' }], meta: { hasMore: false } }
      : { blocks: [block], meta: { hasMore: true, nextCursor: 'c' } },
  );
  show(<BlockedSection />);
  fireEvent.click(await screen.findByRole('button', { name: 'Show more' }));
  await screen.findByText('More could not be loaded.');
  expect(screen.getAllByText('Bob')).toHaveLength(1);
  mood.refuses = false;
  await tryAgain();
  await waitFor(() => expect(screen.getAllByText('Bob')).toHaveLength(2));
});

function account() {
  const erased: unknown[][] = [];
  const actions = {
    changePassword: () => Promise.resolve(),
    signOutEverywhere: () => Promise.resolve(),
    erase: (...call: unknown[]) => {
      erased.push(call);
      return Promise.reject(new Error('no'));
    },
  };
  const room = { kind: 'account' as const, signOut: null, account: actions, leave: () => undefined };
  setStage().show(
    <RoomContext value={room}>
      <AccountSection />
    </RoomContext>,
  );
  return erased;
}

it('leads to the first field of a refused form, and says what is wrong with it', () => {
  account();
  fireEvent.change(screen.getByLabelText('Password now'), { target: { value: 'curtain call' } });
  fireEvent.click(screen.getByRole('button', { name: 'Change password' }));
  expect(document.activeElement).toBe(screen.getByLabelText('New password'));
  expect(screen.getByRole('alert').textContent).toBe('A password has at least 8 characters.');
});

it('deletes the account with what becomes of its messages, and leads to the password if it was refused', async () => {
  const erased = account();
  fireEvent.click(screen.getByRole('button', { name: 'Delete my account' }));
  fireEvent.click(screen.getByLabelText('Remove itYour messages and files go from all conversations.'));
  const password = screen.getByLabelText('Password');
  fireEvent.change(password, { target: { value: 'curtain call' } });
  fireEvent.click(screen.getAllByRole('button', { name: 'Delete my account' }).at(-1) ?? password);
  await waitFor(() => expect(document.activeElement).toBe(password));
  expect(erased).toEqual([['curtain call', 'remove']]);
});

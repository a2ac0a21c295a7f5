import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Accounts, createAccounts } from '../src/accounts.js';
import { createWorld, memory } from '../src/platform/memory.js';
import { manualTimers } from '../src/platform/timers.js';
import { createSession, type KeptSession, type Session, type SessionEnd } from '../src/session.js';
import { type RunningServer, startServer } from './server.js';

const PASSWORD = 'correct horse';
let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: 'off' });
}, 60_000);
afterAll(() => server.stop(), 60_000);

/** A device: its tabs share storage, locks and a clock. `refreshes` counts what its tabs asked for. */
function device() {
  const world = createWorld();
  const timers = manualTimers(Date.now());
  const kept: { session: KeptSession | null } = { session: null };
  const store = {
    load: () => kept.session,
    save: (session: KeptSession | null) => {
      kept.session = session;
    },
  };
  const counts = { refreshes: 0 };
  const openTab = (change: (accounts: Accounts) => Accounts = (accounts) => accounts) => {
    const platform = memory({ world, timers });
    const own = createAccounts({ url: server.url, platform });
    const counted: Accounts = {
      ...own,
      refresh: (token) => {
        counts.refreshes += 1;
        return own.refresh(token);
      },
    };
    const session = createSession({ url: server.url, accounts: change(counted), store, platform });
    const ends: SessionEnd[] = [];
    session.onEnd((why) => ends.push(why));
    return { session, ends, platform };
  };
  return { openTab, kept, timers, counts };
}

const named = () => ({ username: `u${crypto.randomUUID().slice(0, 12)}`, password: PASSWORD });

const isTaken = async (token: string | null): Promise<boolean> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${server.url}/api/v1/users/me`, { headers })).ok;
};

const tokenOf = (session: Session, refresh = false): Promise<string | null> => session.getToken({ refresh });

test('who registers is signed in, also after a reload', async () => {
  const { openTab, counts } = device();
  const account = named();
  const { user } = await openTab().session.register({ ...account, displayName: 'Ann' });
  expect(user).toMatchObject({ username: account.username, displayName: 'Ann' });
  const { session } = openTab();
  expect(await session.user()).toBe(user.id);
  expect(await isTaken(await tokenOf(session))).toBe(true);
  expect(counts.refreshes).toBe(1);
});

test('a token that is asked for while the password is being changed is of the session after it', async () => {
  const held = Promise.withResolvers<void>();
  const changed = Promise.withResolvers<void>();
  const { openTab } = device();
  const { session, ends } = openTab((accounts) => ({
    ...accounts,
    changePassword: async (...passwords) => {
      const signed = await accounts.changePassword(...passwords);
      changed.resolve();
      await held.promise;
      return signed;
    },
  }));
  const other = openTab();
  await session.register(named());
  await other.session.user();
  const change = session.changePassword({ password: PASSWORD, newPassword: 'another horse' });
  await changed.promise;
  const asked = [tokenOf(session, true), tokenOf(other.session, true)];
  held.resolve();
  await change;
  const tokens = await Promise.all(asked);
  expect(await Promise.all(tokens.map(isTaken))).toEqual([true, true]);
  expect([...ends, ...other.ends]).toEqual([]);
});

test('who is not signed in gets no token, and a wrong password says so', async () => {
  const { session, ends } = device().openTab();
  expect(await tokenOf(session)).toBeNull();
  const account = named();
  await expect(session.login(account)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await session.register(account);
  await expect(session.register(account)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await session.login(account)).user.username).toBe(account.username);
  expect(ends).toEqual([]);
});

test('a token is handed out until half a minute before its end, and then replaced', async () => {
  const { openTab, timers, counts } = device();
  const { session } = openTab();
  const { accessToken, expiresIn } = await session.register(named());
  await timers.advance((expiresIn - 31) * 1000);
  expect(await tokenOf(session)).toBe(accessToken);
  expect(counts.refreshes).toBe(0);
  await timers.advance(1000);
  expect(await isTaken(await tokenOf(session))).toBe(true);
  expect(counts.refreshes).toBe(1);
});

test('however many ask in all tabs at once, no refresh token is used twice', async () => {
  const { openTab, counts } = device();
  const [first, second, third] = [openTab(), openTab(), openTab()];
  await first.session.register(named());
  const tabs = [first, second, third, first, second, third];
  const tokens = await Promise.all(tabs.map(({ session }) => tokenOf(session, true)));
  expect(counts.refreshes).toBe(3);
  expect(await Promise.all(tokens.map(isTaken))).toEqual(tokens.map(() => true));
  expect([...first.ends, ...second.ends, ...third.ends]).toEqual([]);
});

test('a session that was ended elsewhere is over here, and says so once', async () => {
  const { openTab, kept } = device();
  const { session, ends } = openTab();
  const account = named();
  await session.register(account);
  await device()
    .openTab()
    .session.login(account)
    .then(() => undefined);
  const elsewhere = device().openTab().session;
  await elsewhere.login(account);
  await elsewhere.logoutAll();
  expect(await tokenOf(session, true)).toBeNull();
  expect(await tokenOf(session)).toBeNull();
  expect(ends).toEqual(['ended']);
  expect(kept.session).toBeNull();
});

test('signing out ends the session at the server, and in every tab', async () => {
  const { openTab } = device();
  const [here, there] = [openTab(), openTab()];
  await here.session.register(named());
  const token = await tokenOf(there.session);
  await here.session.logout();
  expect(await isTaken(token)).toBe(false);
  expect(await tokenOf(there.session, true)).toBeNull();
  expect([here.ends, there.ends]).toEqual([['signed_out'], ['signed_out']]);
  expect(await here.session.user()).toBeNull();
});

test('signing out works without a network; a token cannot be had, but the session stays', async () => {
  const { openTab } = device();
  const { session, platform, ends } = openTab();
  await session.register(named());
  platform.network.setOnline(false);
  await expect(tokenOf(session, true)).rejects.toMatchObject({ code: 'NETWORK' });
  expect(await session.user()).not.toBeNull();
  await session.logout();
  expect(ends).toEqual(['signed_out']);
});

test('a tab never hands out the token of somebody who signed in in another', async () => {
  const { openTab } = device();
  const [ann, ben] = [openTab(), openTab()];
  await ann.session.register(named());
  await ben.session.register(named());
  expect(await tokenOf(ann.session, true)).toBeNull();
  expect(ann.ends).toEqual(['signed_out']);
  expect(await isTaken(await tokenOf(ben.session, true))).toBe(true);
  expect(await tokenOf(ann.session)).toBeNull();
  await ann.session.logout();
  expect(await isTaken(await tokenOf(ben.session, true))).toBe(true);
  expect(await ann.session.user()).toBe(await ben.session.user());
  expect(await isTaken(await tokenOf(ann.session))).toBe(true);
});

test('signing out ends nobody else who signed in in another tab meanwhile', async () => {
  const { openTab, kept } = device();
  const [ann, ben] = [openTab(), openTab()];
  await ann.session.register(named());
  const { user } = await ben.session.register(named());
  await ann.session.logout();
  expect(ann.ends).toEqual(['signed_out']);
  expect(kept.session?.user).toBe(user.id);
  expect(await isTaken(await tokenOf(ben.session, true))).toBe(true);
  expect(ben.ends).toEqual([]);
});

test('who signs out right after a reload is signed out', async () => {
  const { openTab, kept } = device();
  await openTab().session.register(named());
  const { session, ends } = openTab();
  await session.logout();
  expect([kept.session, ends]).toEqual([null, ['signed_out']]);
});

test('a new password ends the old session and goes on with another', async () => {
  const { session, ends } = device().openTab();
  const account = named();
  const { accessToken } = await session.register(account);
  const wrong = session.changePassword({ password: 'not it at all', newPassword: 'another horse' });
  await expect(wrong).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await session.changePassword({ password: PASSWORD, newPassword: 'another horse' });
  expect(await isTaken(accessToken)).toBe(false);
  expect(await isTaken(await tokenOf(session))).toBe(true);
  expect(ends).toEqual([]);
});

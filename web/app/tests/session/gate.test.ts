import { expect, test, vi } from 'vitest';
import { arrive, idOf } from './house';

const PLATFORM = { accounts: false, origins: ['https://platform.example'], version: '1' };
const ann = { username: 'ann', password: 'curtain call', displayName: '' };

test('a new device stands before the door, without a word why', async () => {
  const { keeper } = arrive();
  await keeper.start();
  expect(keeper.gate.get()).toEqual({ phase: 'signed_out', why: null });
});

test('who was here before is in at once, also while the server is away', async () => {
  const { keeper, house } = arrive({ kept: { user: idOf('ann'), refreshToken: 'r' } });
  house.isAway = true;
  await keeper.start();
  expect(keeper.gate.get()).toMatchObject({ phase: 'signed_in', kind: 'account', user: idOf('ann') });
});

test('signing in leads in; a wrong password leaves one outside', async () => {
  const { keeper } = arrive();
  await keeper.start();
  await expect(keeper.signIn({ ...ann, password: 'wrong' })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(keeper.gate.get().phase).toBe('signed_out');
  await keeper.signIn(ann);
  expect(keeper.gate.get()).toMatchObject({ phase: 'signed_in', user: idOf('ann') });
});

test('a new account is in, unless the name is taken', async () => {
  const { keeper } = arrive();
  await keeper.start();
  await expect(keeper.signUp(ann)).rejects.toMatchObject({ code: 'CONFLICT' });
  await keeper.signUp({ ...ann, username: 'bea' });
  expect(keeper.gate.get()).toMatchObject({ phase: 'signed_in', user: idOf('bea') });
});

test('a session that ended elsewhere leads to the door with a word why', async () => {
  const { keeper, house, session } = arrive({ kept: { user: idOf('ann'), refreshToken: 'r' } });
  await keeper.start();
  house.hasEnded = true;
  expect(await session.getToken({ refresh: true })).toBeNull();
  expect(keeper.gate.get()).toEqual({ phase: 'signed_out', why: 'ended' });
});

test('signing out leaves nothing here', async () => {
  const { keeper, session, held } = arrive();
  await keeper.start();
  await keeper.signIn(ann);
  await session.logout();
  expect(keeper.gate.get()).toEqual({ phase: 'signed_out', why: 'signed_out' });
  expect(held.session).toBeNull();
});

test('a server that never answered is told apart, and tried again', async () => {
  const { keeper } = arrive({ config: null });
  await keeper.start();
  expect(keeper.gate.get()).toEqual({ phase: 'unreachable' });
});

test("a platform's token in the address goes before an account of this device, and names its user", async () => {
  const { keeper } = arrive({
    config: PLATFORM,
    kept: { user: idOf('bea'), refreshToken: 'r' },
    token: 'access-ann',
    hasFirstToken: true,
  });
  await keeper.start();
  expect(keeper.gate.get()).toMatchObject({ phase: 'signed_in', kind: 'platform', user: idOf('ann') });
});

test('without a token of the platform one is told where to get it', async () => {
  const { keeper } = arrive({ config: PLATFORM });
  await keeper.start();
  expect(keeper.gate.get()).toEqual({ phase: 'no_token', why: 'missing' });
});

test('a token that the server does not take is told apart from none, and from a server that is away', async () => {
  const refused = arrive({ config: PLATFORM, token: 'nonsense' });
  await refused.keeper.start();
  expect(refused.keeper.gate.get()).toEqual({ phase: 'no_token', why: 'refused' });
  const away = arrive({ config: PLATFORM, token: 'access-ann' });
  away.house.isAway = true;
  await away.keeper.start();
  expect(away.keeper.gate.get()).toEqual({ phase: 'unreachable' });
});

test('a fresh token of the same person changes nothing; of another one, who is in', async () => {
  const { keeper, hand } = arrive({ config: PLATFORM, token: 'access-ann' });
  await keeper.start();
  const before = keeper.gate.get();
  hand('access-ann');
  hand('access-bea');
  await vi.waitFor(() => expect(keeper.gate.get()).toMatchObject({ user: idOf('bea') }));
  expect(before).toMatchObject({ user: idOf('ann') });
});

test('a platform that ends the session is said to have done so', async () => {
  const { keeper } = arrive({ config: PLATFORM, token: 'access-ann' });
  await keeper.start();
  keeper.leave('ended');
  expect(keeper.gate.get()).toEqual({ phase: 'no_token', why: 'refused' });
});

test('nobody is put out by a fresh token while the server is away; whose it is is asked again', async () => {
  const { keeper, hand, house, platform } = arrive({ config: PLATFORM, token: 'access-ann' });
  await keeper.start();
  const phases: string[] = [];
  keeper.gate.subscribe(() => phases.push(keeper.gate.get().phase));
  house.isAway = true;
  hand('access-bea');
  await vi.waitFor(() => expect(house.refused).toBe(1));
  house.isAway = false;
  await platform.advance(5000);
  await vi.waitFor(() => expect(keeper.gate.get()).toMatchObject({ user: idOf('bea') }));
  expect(phases).toEqual(['signed_in']);
});

test('a fresh token that the server refuses puts out', async () => {
  const { keeper, hand } = arrive({ config: PLATFORM, token: 'access-ann' });
  await keeper.start();
  hand('nonsense');
  await vi.waitFor(() => expect(keeper.gate.get()).toEqual({ phase: 'no_token', why: 'refused' }));
});

test('an attempt that hangs does not put out who came in after it', async () => {
  const { keeper, hand, house } = arrive({ config: PLATFORM, token: 'access-ann' });
  house.isSlow = true;
  const hanging = keeper.start();
  await vi.waitFor(() => expect(house.slow.size).toBe(1));
  house.isSlow = false;
  hand('access-bea');
  await vi.waitFor(() => expect(keeper.gate.get()).toMatchObject({ user: idOf('bea') }));
  for (const fail of house.slow) fail(new TypeError('away'));
  await hanging;
  expect(keeper.gate.get()).toMatchObject({ phase: 'signed_in', user: idOf('bea') });
});

test('as long as it begins, it does not begin again', async () => {
  const { keeper, house } = arrive();
  await Promise.all([keeper.start(), keeper.start(), keeper.start()]);
  expect(house.configsAsked).toBe(1);
  await keeper.start();
  expect(house.configsAsked).toBe(2);
});

test('who has stopped hears of no token any more', async () => {
  const { keeper, hand, listeners } = arrive({ config: PLATFORM, token: 'access-ann' });
  await keeper.start();
  keeper.stop();
  hand('access-bea');
  expect(listeners.size).toBe(0);
  expect(keeper.gate.get()).toMatchObject({ user: idOf('ann') });
});

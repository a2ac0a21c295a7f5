import { createClient } from '@duologue/client';
import { memory } from '@duologue/client/memory';
import { expect, test } from 'vitest';
import { createRoom } from '../../src/session/room';
import { arrive, idOf } from './house';

test('signing out ends the session also where this device keeps something that would not go, and says so', async () => {
  const { keeper, session, held } = arrive();
  await keeper.start();
  await keeper.signIn({ username: 'ann', password: 'curtain call', displayName: '' });
  const platform = memory();
  const broken = {
    ...platform,
    storage: () => ({ ...platform.storage('x'), clear: () => Promise.reject(new Error('closed')) }),
  };
  const client = createClient({ url: '', user: idOf('ann'), platform: broken, getToken: session.getToken });
  const { signOut } = createRoom('account', client, session, keeper.leave);
  await expect(signOut?.()).rejects.toThrow('closed');
  expect(held.session).toBeNull();
  expect(keeper.gate.get()).toMatchObject({ phase: 'signed_out' });
});

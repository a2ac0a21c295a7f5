import type { DuologueClient, Session } from '@duologue/client';
import type { GateKeeper, Kind } from './gate';
import type { Room } from './session-context';

/** What somebody who is signed in can do about it. */
export function createRoom(
  kind: Kind,
  client: DuologueClient,
  session: Session | null,
  leave: GateKeeper['leave'],
): Room {
  if (kind === 'platform' || session === null) return { kind, signOut: null, account: null, leave };
  /** First what this device keeps, then the session, also where something of the first would not go. */
  const signOut = async (): Promise<void> => {
    try {
      await client.signOut();
    } finally {
      await session.logout();
    }
  };
  return {
    kind,
    leave,
    signOut,
    account: {
      changePassword: async (password, newPassword) => {
        await session.changePassword({ password, newPassword });
        client.connection.reconnect();
      },
      signOutEverywhere: async () => {
        await session.logoutAll();
        await client.signOut();
      },
      erase: async (password, messages) => {
        await client.rest.users.erase(password, messages);
        await signOut();
      },
    },
  };
}

import { createClient, type DuologueClient, type Id } from '@duologue/client';
import { DuologueProvider } from '@duologue/react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { endsSession } from '../shell/banner-state';
import type { Accounts } from './accounts';
import type { GateKeeper, GetToken, WhyOut } from './gate';
import { type Session, SessionContext } from './session-context';

interface SignedInProps {
  readonly kind: Session['kind'];
  readonly user: Id;
  readonly getToken: GetToken;
  readonly accounts: Accounts;
  readonly leave: GateKeeper['leave'];
  readonly children: ReactNode;
}

/** The room behind the door: a client for this user, and how to leave. Mount one for each user. */
export function SignedIn({ kind, user, getToken, accounts, leave, children }: SignedInProps) {
  const [client] = useState(() => createClient({ url: '', user, getToken }));
  const session = useMemo(() => sessionOf(kind, client, accounts, leave), [kind, client, accounts, leave]);
  useEffect(() => onStopped(client, session.leave), [client, session]);
  return (
    <SessionContext value={session}>
      <DuologueProvider client={client}>{children}</DuologueProvider>
    </SessionContext>
  );
}

function sessionOf(
  kind: Session['kind'],
  client: DuologueClient,
  accounts: Accounts,
  leave: GateKeeper['leave'],
): Session {
  if (kind === 'platform') return { kind, signOut: null, account: null, leave };
  /** First what this device keeps: whatever the server answers, nothing of the person stays here. */
  const clear = async (tell: () => Promise<void>) => {
    await client.signOut();
    await tell();
    leave('signed_out');
  };
  return {
    kind,
    leave,
    signOut: () => clear(accounts.signOut),
    account: {
      changePassword: async (password, newPassword) => {
        await accounts.changePassword(password, newPassword);
        client.connection.reconnect();
      },
      signOutEverywhere: async () => {
        await accounts.signOutEverywhere();
        await clear(accounts.signOut);
      },
      erase: async (password) => {
        await client.rest.users.erase(password);
        await clear(accounts.signOut);
      },
    },
  };
}

const WHY: Readonly<Record<string, WhyOut>> = { signed_out: 'ended', deactivated: 'deactivated' };

/** What this device keeps stays: the same person may come back to drafts and unsent messages. */
function onStopped({ connection }: DuologueClient, leave: GateKeeper['leave']) {
  const look = () => {
    const { state, reason } = connection.status.get();
    if (state === 'stopped' && reason !== undefined && endsSession(reason)) leave(WHY[reason] ?? 'expired');
  };
  return connection.status.subscribe(look);
}

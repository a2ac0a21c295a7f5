import { type Connection, createClient, type DuologueClient, type Session, type SessionEnd } from '@duologue/client';
import { DuologueProvider } from '@duologue/react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { endsSession } from './ends-session';
import type { Entered, GateKeeper } from './gate';
import { createRoom } from './room';
import { RoomContext } from './session-context';

interface SignedInProps {
  readonly url: string;
  readonly gate: Entered;
  readonly account: Session | null;
  readonly leave: GateKeeper['leave'];
  readonly children: ReactNode;
}

/** The room behind the door: a client for this user, and how to leave. Mount one for each user. */
export function SignedIn({ url, gate, account, leave, children }: SignedInProps) {
  const { kind, user, getToken } = gate;
  const [client] = useState(() => createClient({ url, user, getToken }));
  const room = useMemo(() => createRoom(kind, client, account, leave), [kind, client, account, leave]);
  useEffect(() => onStopped(client, gate, leave), [client, gate, leave]);
  return (
    <RoomContext value={room}>
      <DuologueProvider client={client}>{children}</DuologueProvider>
    </RoomContext>
  );
}

const WHY: Readonly<Record<string, SessionEnd>> = { deactivated: 'deactivated' };

/** What this device keeps stays: the same person may come back to drafts and unsent messages. */
export function onStopped(
  { connection }: Pick<DuologueClient, 'connection'>,
  gate: Entered,
  leave: GateKeeper['leave'],
) {
  return connection.status.subscribe(() => {
    const { state, reason } = connection.status.get();
    if (state !== 'stopped' || reason === undefined || !endsSession(reason)) return;
    if (reason === 'signed_out' && gate.kind === 'account') goOn(connection, gate.getToken, leave);
    else leave(WHY[reason] ?? 'ended');
  });
}

/** The session of the socket is over; if the password was changed here or in another tab, there is one after it. */
async function goOn(connection: Connection, getToken: Entered['getToken'], leave: GateKeeper['leave']): Promise<void> {
  const token = await getToken({ refresh: true }).catch(() => undefined);
  if (token === null) leave('ended');
  else connection.reconnect();
}

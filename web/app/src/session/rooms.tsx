import type { Session } from '@duologue/client';
import { lazy, type ReactNode, Suspense, useSyncExternalStore } from 'react';
import type { GateKeeper } from './gate';
import { SignedIn } from './signed-in';

const Outside = lazy(async () => ({ default: (await import('./outside')).Outside }));

interface RoomsProps {
  /** The server's root; empty for the page's own. */
  readonly url: string;
  readonly keeper: GateKeeper;
  readonly account: Session | null;
  /** What is inside. */
  readonly children: ReactNode;
}

/** Before the door, at it, or inside. */
export function Rooms({ url, keeper, account, children }: RoomsProps) {
  const gate = useSyncExternalStore(keeper.gate.subscribe, keeper.gate.get);
  if (gate.phase === 'starting') return null;
  if (gate.phase !== 'signed_in') {
    return (
      <Suspense>
        <Outside gate={gate} keeper={keeper} />
      </Suspense>
    );
  }
  const { user, kind, getToken } = gate;
  return (
    <SignedIn key={user} url={url} kind={kind} user={user} getToken={getToken} account={account} leave={keeper.leave}>
      {children}
    </SignedIn>
  );
}

import type { Session } from '@duologue/client';
import { lazy, type ReactNode, Suspense, useEffect, useSyncExternalStore } from 'react';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { Spinner } from '../ui/spinner';
import { Door } from './door';
import type { GateKeeper } from './gate';
import { SignedIn } from './signed-in';

const SignIn = lazy(async () => ({ default: (await import('./sign-in')).SignIn }));

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
  const { session } = useText();
  const gate = useSyncExternalStore(keeper.gate.subscribe, keeper.gate.get);
  if (gate.phase === 'starting') return null;
  if (gate.phase === 'unreachable') return <Unreachable onRetry={keeper.start} />;
  if (gate.phase === 'waiting_for_token') return <Waiting />;
  if (gate.phase === 'no_token') {
    return (
      <Door title={session.waitingTitle}>{gate.why === 'missing' ? session.tokenMissing : session.tokenRefused}</Door>
    );
  }
  if (gate.phase === 'signed_out') {
    return (
      <Suspense>
        <SignIn why={gate.why} signIn={keeper.signIn} signUp={keeper.signUp} />
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

function Waiting() {
  const { session } = useText();
  return (
    <Door title={session.waitingTitle}>
      <p>{session.waiting}</p>
      <Spinner />
    </Door>
  );
}

const AGAIN_MS = 5000;

function Unreachable({ onRetry }: { readonly onRetry: GateKeeper['start'] }) {
  const text = useText();
  useEffect(() => {
    const again = () => onRetry();
    const timer = setTimeout(again, AGAIN_MS);
    window.addEventListener('online', again);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('online', again);
    };
  }, [onRetry]);
  return (
    <Door title={text.session.serverMissing}>
      <p>{text.session.serverMissingText}</p>
      <Button onClick={() => onRetry()}>{text.ui.retry}</Button>
    </Door>
  );
}

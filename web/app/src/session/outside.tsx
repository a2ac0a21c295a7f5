import { useEffect } from 'react';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { Spinner } from '../ui/spinner';
import { Door } from './door';
import type { Gate, GateKeeper } from './gate';
import { SignIn } from './sign-in';
import { useSessionText } from './texts';

interface OutsideProps {
  readonly gate: Exclude<Gate, { phase: 'signed_in' | 'starting' }>;
  readonly keeper: GateKeeper;
}

/** What is seen by who is not signed in: the door, or why it does not open. */
export function Outside({ gate, keeper }: OutsideProps) {
  const session = useSessionText();
  if (gate.phase === 'signed_out') return <SignIn why={gate.why} signIn={keeper.signIn} signUp={keeper.signUp} />;
  if (gate.phase === 'unreachable') return <Unreachable onRetry={keeper.start} />;
  if (gate.phase === 'waiting_for_token') {
    return (
      <Door title={session.waitingTitle}>
        <p>{session.waiting}</p>
        <Spinner />
      </Door>
    );
  }
  return (
    <Door title={session.waitingTitle}>
      <p>{gate.why === 'missing' ? session.tokenMissing : session.tokenRefused}</p>
    </Door>
  );
}

const AGAIN_MS = 5000;

function Unreachable({ onRetry }: { readonly onRetry: GateKeeper['start'] }) {
  const text = useText();
  const session = useSessionText();
  useEffect(() => {
    const timer = setInterval(onRetry, AGAIN_MS);
    window.addEventListener('online', onRetry);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', onRetry);
    };
  }, [onRetry]);
  return (
    <Door title={session.serverMissing}>
      <p>{session.serverMissingText}</p>
      <Button onClick={onRetry}>{text.ui.retry}</Button>
    </Door>
  );
}

import type { Session } from '@duologue/client';
import type { Entered, GateKeeper } from '../session/gate';
import { SignedIn } from '../session/signed-in';
import { Shell } from './shell';
import { useNotifications } from './use-notifications';
import { useUnreadBadge } from './use-unread-badge';

export interface InsideProps {
  readonly gate: Entered;
  readonly account: Session;
  readonly leave: GateKeeper['leave'];
}

/** All that a signed-in person sees: a chunk of its own, which nobody before the door waits for. */
export function Inside({ gate, account, leave }: InsideProps) {
  return (
    <SignedIn url="" gate={gate} account={account} leave={leave}>
      <OutsideOfPage />
      <Shell />
    </SignedIn>
  );
}

/** What is told where the page is not seen: titles, badges, notifications. */
function OutsideOfPage() {
  useUnreadBadge();
  useNotifications();
  return null;
}

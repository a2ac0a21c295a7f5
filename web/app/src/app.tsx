import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import type { Catalogue } from './i18n/en';
import { LocaleProvider, useText } from './i18n/locale';
import type { Accounts } from './session/accounts';
import { Door } from './session/door';
import type { GateKeeper } from './session/gate';
import { SignIn } from './session/sign-in';
import { SignedIn } from './session/signed-in';
import type { Device } from './settings/device';
import { DeviceProvider, useDevice } from './settings/device-context';
import { ErrorBoundary } from './shell/error-boundary';
import { Shell } from './shell/shell';
import { useNotifications } from './shell/use-notifications';
import { usePageLook } from './shell/use-page-look';
import { useUnreadBadge } from './shell/use-unread-badge';
import { Button } from './ui/button';
import { Spinner } from './ui/spinner';
import { ToastProvider } from './ui/toast';

interface AppProps {
  readonly device: Device;
  readonly keeper: GateKeeper;
  readonly accounts: Accounts;
  /** Of the device's language, so that the first paint is in it. */
  readonly catalogue: Catalogue;
}

/** The whole web client. */
export function App({ device, keeper, accounts, catalogue }: AppProps) {
  return (
    <DeviceProvider device={device}>
      <InLanguage catalogue={catalogue}>
        <ToastProvider>
          <ErrorBoundary>
            <Rooms keeper={keeper} accounts={accounts} />
          </ErrorBoundary>
        </ToastProvider>
      </InLanguage>
    </DeviceProvider>
  );
}

function InLanguage({ catalogue, children }: { readonly catalogue: Catalogue; readonly children: ReactNode }) {
  const { locale } = useDevice();
  return (
    <LocaleProvider code={locale} initial={catalogue}>
      <PageLook />
      {children}
    </LocaleProvider>
  );
}

function PageLook() {
  usePageLook(useDevice().theme);
  return null;
}

/** Before the door, at it, or inside. */
function Rooms({ keeper, accounts }: Pick<AppProps, 'keeper' | 'accounts'>) {
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
      <SignIn
        why={gate.why}
        signIn={({ username, password }) => keeper.signIn(username, password)}
        signUp={({ username, password, displayName }) => keeper.signUp(username, password, displayName)}
      />
    );
  }
  const { user, kind, getToken } = gate;
  return (
    <SignedIn key={user} kind={kind} user={user} getToken={getToken} accounts={accounts} leave={keeper.leave}>
      <Presence />
      <Shell />
    </SignedIn>
  );
}

/** What is told outside of the page: titles, badges, notifications. */
function Presence() {
  useUnreadBadge();
  useNotifications();
  return null;
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

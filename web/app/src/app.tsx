import type { Session } from '@duologue/client';
import type { ReactNode } from 'react';
import type { Catalogue } from './i18n/en';
import { LocaleProvider } from './i18n/locale';
import type { GateKeeper } from './session/gate';
import { Rooms } from './session/rooms';
import type { Device } from './settings/device';
import { DeviceProvider, useDevice } from './settings/device-context';
import { ErrorBoundary } from './shell/error-boundary';
import { Shell } from './shell/shell';
import { useNotifications } from './shell/use-notifications';
import { usePageLook } from './shell/use-page-look';
import { useUnreadBadge } from './shell/use-unread-badge';
import { ToastProvider } from './ui/toast';

interface AppProps {
  readonly device: Device;
  readonly keeper: GateKeeper;
  readonly account: Session;
  /** Of the device's language, so that the first paint is in it. */
  readonly catalogue: Catalogue;
}

/** The whole web client. */
export function App({ device, keeper, account, catalogue }: AppProps) {
  return (
    <DeviceProvider device={device}>
      <InLanguage catalogue={catalogue}>
        <ToastProvider>
          <ErrorBoundary>
            <Rooms url="" keeper={keeper} account={account}>
              <Presence />
              <Shell />
            </Rooms>
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

/** What is told outside of the page: titles, badges, notifications. */
function Presence() {
  useUnreadBadge();
  useNotifications();
  return null;
}

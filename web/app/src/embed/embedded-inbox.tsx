import { useClient, useUnread } from '@duologue/react';
import { type ReactNode, StrictMode, useEffect, useSyncExternalStore } from 'react';
import { type BaseLocationHook, type BaseSearchHook, Router } from 'wouter';
import type { Words } from '../i18n/locale';
import { useLocale } from '../i18n/locale';
import type { Gate, GateKeeper } from '../session/gate';
import { Rooms } from '../session/rooms';
import { SignedIn } from '../session/signed-in';
import type { Device } from '../settings/device';
import { DeviceProvider } from '../settings/device-context';
import { InLanguage } from '../settings/in-language';
import { ErrorBoundary } from '../shell/error-boundary';
import { Shell } from '../shell/shell';
import { ToastProvider } from '../ui/toast';
import styles from './embedded-inbox.module.css';

export interface EmbeddedInboxProps extends Tellers {
  readonly url: string;
  readonly keeper: GateKeeper;
  readonly device: Device;
  readonly words: Words;
  readonly location: { readonly hook: BaseLocationHook; readonly searchHook: BaseSearchHook };
}

/** What the element tells its page. */
interface Tellers {
  readonly onUnread: (count: number) => void;
  readonly onError: (code: string, message: string) => void;
}

/** The web client without a page of its own: addresses in memory, nothing of the document touched. */
export function EmbeddedInbox({ url, keeper, device, words, location, onUnread, onError }: EmbeddedInboxProps) {
  return (
    <StrictMode>
      <DeviceProvider device={device}>
        <InLanguage words={words}>
          <Root>
            <ToastProvider>
              <ErrorBoundary>
                <Router hook={location.hook} searchHook={location.searchHook}>
                  <TellGate keeper={keeper} onError={onError} />
                  <Rooms
                    keeper={keeper}
                    renderInside={(gate) => (
                      <SignedIn key={gate.user} url={url} gate={gate} account={null} leave={keeper.leave}>
                        <TellClient onUnread={onUnread} onError={onError} />
                        <Shell />
                      </SignedIn>
                    )}
                  />
                </Router>
              </ErrorBoundary>
            </ToastProvider>
          </Root>
        </InLanguage>
      </DeviceProvider>
    </StrictMode>
  );
}

/** Says its language itself: the page around may be in another one. */
function Root({ children }: { readonly children: ReactNode }) {
  const { code, direction } = useLocale();
  return (
    <div lang={code} dir={direction} className={styles.root}>
      {children}
    </div>
  );
}

const REFUSALS: Readonly<Partial<Record<Gate['phase'], readonly [code: string, message: string]>>> = {
  no_token: ['UNAUTHORIZED', 'There is no token that the server takes'],
  unreachable: ['NETWORK', 'The server does not answer'],
};

function TellGate({ keeper, onError }: Pick<Tellers, 'onError'> & { readonly keeper: GateKeeper }) {
  const { phase } = useSyncExternalStore(keeper.gate.subscribe, keeper.gate.get);
  useEffect(() => {
    const refusal = REFUSALS[phase];
    if (refusal !== undefined) onError(...refusal);
  }, [phase, onError]);
  return null;
}

function TellClient({ onUnread, onError }: Tellers) {
  const { connection } = useClient();
  const unread = useUnread();
  useEffect(() => {
    if (unread !== null) onUnread(unread);
  }, [unread, onUnread]);
  useEffect(
    () =>
      connection.status.subscribe(() => {
        const { state, reason } = connection.status.get();
        if (state === 'stopped') onError((reason ?? 'stopped').toUpperCase(), 'The connection has ended for good');
      }),
    [connection, onError],
  );
  return null;
}

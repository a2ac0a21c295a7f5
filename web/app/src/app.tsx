import type { Session } from '@duologue/client';
import type { Words } from './i18n/locale';
import type { GateKeeper } from './session/gate';
import { Rooms } from './session/rooms';
import type { Device } from './settings/device';
import { DeviceProvider, useDevice } from './settings/device-context';
import { InLanguage } from './settings/in-language';
import { ErrorBoundary } from './shell/error-boundary';
import { usePageLook } from './shell/use-page-look';
import { loadPart } from './ui/load-part';
import { ToastProvider } from './ui/toast';

/** Asked for early by who is signed in already: the same promise each time. */
export const loadInside = () => import('./shell/inside');
const Inside = loadPart(async () => (await loadInside()).Inside);

interface AppProps {
  readonly device: Device;
  readonly keeper: GateKeeper;
  readonly account: Session;
  /** Of the device's language, so that the first paint is in it; of another one if they could not be had yet. */
  readonly words: Words;
}

/** The whole web client. */
export function App({ device, keeper, account, words }: AppProps) {
  return (
    <DeviceProvider device={device}>
      <InLanguage words={words}>
        <PageLook />
        <ToastProvider>
          <ErrorBoundary>
            <Rooms
              keeper={keeper}
              renderInside={(gate) => <Inside key={gate.user} gate={gate} account={account} leave={keeper.leave} />}
            />
          </ErrorBoundary>
        </ToastProvider>
      </InLanguage>
    </DeviceProvider>
  );
}

function PageLook() {
  usePageLook(useDevice().theme);
  return null;
}

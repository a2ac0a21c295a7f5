import './design/fonts.css';
import './design/tokens.css';
import './design/base.css';
import { browser, createRest } from '@duologue/client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { navigate } from 'wouter/use-browser-location';
import { App } from './app';
import { loadCatalogue } from './i18n/locale';
import { createBrowserAccounts } from './session/browser-accounts';
import { createGateKeeper, type GetToken } from './session/gate';
import { takeHashToken } from './session/hash-token';
import { createPlatformTokens } from './session/platform-tokens';
import { loadWebConfig } from './session/web-config';
import { createDevice } from './settings/device';
import { seedHistory } from './shell/seed-history';
import { startServiceWorker } from './shell/service-worker';

/** Null: closed to this page, by the browser's settings or by a frame. */
function openStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function exclusively<T>(work: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? navigator.locks.request('duologue-session', work) : work();
}

const platform = browser();
const storage = openStorage();
const first = takeHashToken(window.location, window.history);
seedHistory(window.location, window.history);
const device = createDevice(storage, navigator.languages);
const accounts = createBrowserAccounts({ platform, storage, exclusively });
window.addEventListener('storage', accounts.follow);

const host = window.parent === window ? (window.opener as WindowProxy | null) : window.parent;
const whoIs = async (getToken: GetToken) => {
  const tokens = { get: () => getToken({ refresh: false }), refresh: () => getToken({ refresh: true }) };
  return (await createRest({ url: '', tokens, platform }).users.me()).data.id;
};
const keeper = createGateKeeper({
  accounts,
  whoIs,
  hasFirstToken: first !== null,
  loadConfig: () => loadWebConfig(platform.fetch, storage),
  platformTokens: ({ origins }) =>
    createPlatformTokens({
      window: {
        host,
        addEventListener: window.addEventListener.bind(window),
        removeEventListener: window.removeEventListener.bind(window),
      },
      origins,
      first,
      after: platform.timers.after,
    }),
});

// A new build has replaced the parts that this page has not loaded yet.
window.addEventListener('vite:preloadError', () => window.location.reload());

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no root');
  const catalogue = await loadCatalogue(device.get().locale);
  createRoot(root).render(
    <StrictMode>
      <App device={device} keeper={keeper} accounts={accounts} catalogue={catalogue} />
    </StrictMode>,
  );
  if (import.meta.env.PROD) startServiceWorker(device, navigate);
}

keeper.start();
await start();

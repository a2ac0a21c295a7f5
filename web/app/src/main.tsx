import './design/fonts.css';
import './design/tokens.css';
import './design/base.css';
import { browser, createAccounts, createSession } from '@duologue/client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { navigate } from 'wouter/use-browser-location';
import { App, loadInside } from './app';
import { loadFirstWords } from './i18n/locale';
import { GateKeeper } from './session/gate';
import { takeHashToken } from './session/hash-token';
import { createSessionStore, isLeaving, SESSION_KEY } from './session/kept-session';
import { createPlatformTokens } from './session/platform-tokens';
import { loadWebConfig } from './session/web-config';
import { createWhoIs } from './session/who-is';
import { createDevice } from './settings/device';
import { takeReload } from './shell/reload';
import { seedHistory } from './shell/seed-history';
import { startServiceWorker } from './shell/service-worker';

/** Null: closed to this page, by the browser's settings or by a frame. */
function openStorage(kind: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

const platform = browser();
const storage = openStorage('localStorage');
const first = takeHashToken(window.location, window.history);
seedHistory(window.location, window.history);
const device = createDevice(storage, navigator.languages);
const account = createSession({
  url: '',
  accounts: createAccounts({ url: '', platform }),
  store: createSessionStore(storage),
  platform,
});

const host = window.parent === window ? (window.opener as WindowProxy | null) : window.parent;
const keeper = new GateKeeper({
  session: account,
  whoIs: createWhoIs('', platform),
  hasFirstToken: first !== null,
  after: platform.timers.after,
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

window.addEventListener('storage', (event) => {
  if (isLeaving(event)) keeper.leave('signed_out');
});

// What lies behind the door is fetched beside the rest, not after it, by who is likely to be let in.
if (first !== null || storage?.getItem(SESSION_KEY)) loadInside().catch(() => undefined);

window.addEventListener('vite:preloadError', () => {
  const facts = { isOnline: navigator.onLine, storage: openStorage('sessionStorage'), now: Date.now() };
  if (takeReload(facts)) window.location.reload();
});

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new Error('the page has no root');
  const words = await loadFirstWords(device.get().locale);
  createRoot(root).render(
    <StrictMode>
      <App device={device} keeper={keeper} account={account} words={words} />
    </StrictMode>,
  );
  if (import.meta.env.PROD) startServiceWorker(device, navigate);
}

keeper.start();
await start();

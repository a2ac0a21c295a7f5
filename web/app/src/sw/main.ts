/**
 * The service worker: the page starts without a network, and messages are told of while nobody looks. Answers of the API and
 * people's files never enter a cache.
 */
import { readDevice } from './device-cache';
import { isTell, type Open } from './messages';
import { clientWindows, isShown, type MessagePush, readPush, toNotification } from './notification';
import { keepShell, offlineAnswer, removeOldShells, type ShellFiles } from './shell-cache';

declare const __SHELL_FILES__: ShellFiles;
declare const self: ServiceWorkerGlobalScope;

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell(__SHELL_FILES__).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(removeOldShells(__SHELL_FILES__).then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const answer = offlineAnswer(event.request, __SHELL_FILES__, self.location.origin);
  if (answer !== null) event.respondWith(answer);
});

self.addEventListener('push', (event) => {
  event.waitUntil(tell(event.data?.text() ?? ''));
});

self.addEventListener('message', (event) => {
  const { data } = event;
  if (isTell(data)) event.waitUntil(tellWhileHidden(data.push));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { path } = readTarget(event.notification.data);
  event.waitUntil(open(path));
});

async function tell(text: string): Promise<void> {
  const [windows, device] = await Promise.all([openWindows(), readDevice()]);
  const push = readPush(text);
  if (isShown(push, windows)) return;
  const { title, options } = toNotification(push, device);
  await self.registration.showNotification(title, options);
}

/** Of what came over the page's own socket: nothing as long as somebody looks at any window. */
async function tellWhileHidden(push: MessagePush): Promise<void> {
  const windows = await openWindows();
  if (windows.some((client) => client.visibilityState === 'visible')) return;
  const { title, options } = toNotification(push, await readDevice());
  await self.registration.showNotification(title, options);
}

async function openWindows(): Promise<readonly WindowClient[]> {
  return clientWindows(await self.clients.matchAll({ type: 'window', includeUncontrolled: true }));
}

/** What `toNotification` has put there; anything else opens the inbox. */
function readTarget(data: unknown): { readonly path: string } {
  const isTarget = typeof data === 'object' && data !== null && 'path' in data && typeof data.path === 'string';
  return { path: isTarget ? String(data.path) : '/' };
}

/** The window that shows it already, or any other one, told where to go; a new one otherwise. */
async function open(path: string): Promise<void> {
  const windows = await openWindows();
  const best = windows.find((client) => new URL(client.url).pathname === path) ?? windows[0];
  if (best === undefined) {
    await self.clients.openWindow(path);
    return;
  }
  const message: Open = { type: 'duologue.open', path };
  best.postMessage(message);
  await best.focus();
}

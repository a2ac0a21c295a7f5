import type { Device } from '../settings/device';
import { keepDevice } from '../sw/device-cache';
import { isOpen } from '../sw/messages';

declare global {
  interface Window {
    readonly trustedTypes?: {
      readonly createPolicy: (
        name: string,
        rules: { readonly createScriptURL: (url: string) => string },
      ) => { readonly createScriptURL: (url: string) => string };
    };
  }
}

const WORKER = '/sw.js';

/** The worker's address as the page's policy wants it: the only script that this page names by a string. */
function workerUrl(): string {
  const policy = window.trustedTypes?.createPolicy('duologue-worker', { createScriptURL: () => WORKER });
  return policy === undefined ? WORKER : policy.createScriptURL(WORKER);
}

/** Registers the worker, and keeps it told of the device's choices. Without workers the page does with less. */
export function startServiceWorker(device: Device, go: (path: string) => void): void {
  if (!('serviceWorker' in navigator)) return;
  const tell = () => keepDevice(device.get()).catch(() => undefined);
  tell();
  device.subscribe(tell);
  navigator.serviceWorker.addEventListener('message', (event) => {
    if (isOpen(event.data)) go(event.data.path);
  });
  navigator.serviceWorker.register(workerUrl()).catch(() => undefined);
}

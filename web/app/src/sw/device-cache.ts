/** The device's choices where a worker can read them, which localStorage is not. */
import { type DevicePreferences, readPreferences } from '../settings/device';

const CACHE = 'duologue-device';
const KEY = '/device.json';

export async function keepDevice(device: DevicePreferences): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(KEY, Response.json(device));
}

export async function readDevice(): Promise<DevicePreferences> {
  const kept = await caches.match(KEY, { cacheName: CACHE });
  return readPreferences((await kept?.text()) ?? null, navigator.languages);
}

import { createContext, type ReactNode, use, useSyncExternalStore } from 'react';
import type { Device, DevicePreferences } from './device';

const DeviceContext = createContext<Device | null>(null);

export function DeviceProvider({ device, children }: { readonly device: Device; readonly children: ReactNode }) {
  return <DeviceContext value={device}>{children}</DeviceContext>;
}

/** What was chosen for this device, and how to choose otherwise. */
export function useDevice(): DevicePreferences & Pick<Device, 'change'> {
  const device = use(DeviceContext);
  if (device === null) throw new Error('useDevice wants a <DeviceProvider> above it');
  const preferences = useSyncExternalStore(device.subscribe, device.get);
  return { ...preferences, change: device.change };
}

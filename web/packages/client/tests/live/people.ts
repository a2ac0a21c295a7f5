/** People of a real server: an account, devices of it, and what each device's screen shows. */

import { vi } from 'vitest';
import type { DuologueClient } from '../../src/client.js';
import { createClient } from '../../src/create-client.js';
import { createWorld, type MemoryPlatform, memory, type World } from '../../src/platform/memory.js';
import type { Platform } from '../../src/ports.js';
import type { Id, Me } from '../../src/wire.js';
import type { RunningServer } from '../server.js';
import { Screen } from './screen.js';

export const PATIENT = { timeout: 20_000, interval: 20 };

const opened = new Set<MemoryPlatform>();

/** Closes every device. */
export function closeAll(): void {
  for (const platform of opened) platform.end();
  opened.clear();
}

export interface Device {
  readonly client: DuologueClient;
  readonly platform: MemoryPlatform;
  readonly screen: Screen;
  /** Sockets that it opened so far. */
  readonly sockets: () => number;
}

export interface Person {
  readonly me: Me;
  /** What this person's browser keeps. */
  readonly world: World;
  /** Started. `url`: by another way, such as a proxy. */
  readonly device: (options?: { world?: World; url?: string; transfer?: Platform['transfer'] }) => Device;
}

export async function join(server: RunningServer): Promise<Person> {
  const { user, accessToken } = await server.register();
  const own = createWorld();
  return {
    me: user,
    world: own,
    device: ({ world = createWorld(), url = server.url, transfer } = {}) => {
      let sockets = 0;
      const plain = memory();
      const openSocket: Platform['openSocket'] = (...call) => {
        sockets += 1;
        return plain.openSocket(...call);
      };
      const platform = memory({ world, openSocket, ...(transfer === undefined ? {} : { transfer }) });
      const client = createClient({ url, user: user.id, platform, getToken: async () => accessToken });
      opened.add(platform);
      client.start();
      return { client, platform, screen: new Screen(client), sockets: () => sockets };
    },
  };
}

export async function online(...devices: Device[]): Promise<void> {
  await vi.waitUntil(() => devices.every(({ client }) => client.connection.status.get().state === 'online'), PATIENT);
}

/** The conversation of two. */
export async function open(device: Device, other: Person): Promise<Id> {
  const { data } = await device.client.rest.conversations.withUser(other.me.username);
  return data.id;
}

/** The platforms that have to keep the contract of ports.ts, each as a maker of tabs that know each other. */

import 'fake-indexeddb/auto';
import { browser } from '../../src/platform/browser.js';
import { createWorld, memory } from '../../src/platform/memory.js';
import type { Platform } from '../../src/ports.js';

export interface Place {
  readonly place: string;
  readonly openTab: () => Platform;
}

export const PLACES: readonly Place[] = [
  { place: 'a browser', openTab: browser },
  { place: 'memory', openTab: inOneWorld() },
];

function inOneWorld(): () => Platform {
  const world = createWorld();
  return () => memory({ world });
}

/** A name that no other test uses. */
export function freshName(): string {
  return `test:${crypto.randomUUID()}`;
}

/** Random choices that a seed repeats. */

import { seededRandom } from '../../src/platform/random.js';

export interface Dice {
  readonly below: (count: number) => number;
  readonly pick: <T>(items: readonly T[]) => T | undefined;
}

export function dice(seed: number): Dice {
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  return { below, pick: (items) => items[below(items.length)] };
}

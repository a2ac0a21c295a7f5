import type { Id } from '../wire.js';

/** Far more than can be under way at once. */
const MOST = 1000;

/** The keys that were added last. */
export class RecentKeys {
  readonly #keys = new Set<Id>();

  has(key: Id): boolean {
    return this.#keys.has(key);
  }

  add(key: Id): void {
    this.#keys.add(key);
    if (this.#keys.size <= MOST) return;
    const [oldest] = this.#keys;
    if (oldest !== undefined) this.#keys.delete(oldest);
  }
}

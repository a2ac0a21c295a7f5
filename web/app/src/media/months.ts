/** Gallery items under the month of their message, in the order in which they came. Pure. */

export interface Month<T> {
  /** `2026-11`, in the device's time zone. */
  readonly key: string;
  readonly first: Date;
  readonly items: readonly T[];
}

export function byMonth<T extends { readonly createdAt: string }>(items: readonly T[]): Month<T>[] {
  const months = new Map<string, { key: string; first: Date; items: T[] }>();
  for (const item of items) {
    const date = new Date(item.createdAt);
    const key = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`;
    const month = months.get(key) ?? { key, first: new Date(date.getFullYear(), date.getMonth()), items: [] };
    month.items.push(item);
    months.set(key, month);
  }
  return [...months.values()];
}

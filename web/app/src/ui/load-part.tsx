import { type ComponentProps, type ComponentType, createElement, type LazyExoticComponent, lazy } from 'react';

// Parts are of many kinds; each is rendered with its own properties alone.
// biome-ignore lint/suspicious/noExplicitAny: as React's own `lazy`
type Part = ComponentType<any>;

const failed = new Set<() => void>();

/**
 * As `lazy`, of a part that may fail to load: React keeps such a failure for ever. Once `forgetFailures` was called, it is asked for anew.
 */
export function loadPart<T extends Part>(load: () => Promise<T>): ComponentType<ComponentProps<T>> {
  let part: LazyExoticComponent<T>;
  const renew = () => {
    part = lazy(async () => {
      try {
        return { default: await load() };
      } catch (error) {
        failed.add(renew);
        throw error;
      }
    });
  };
  renew();
  return (props) => createElement(part, props);
}

/** To be called while the parts that failed are not shown: the next one to show them loads them again. Whether there are any. */
export function forgetFailures(): boolean {
  const found = failed.size > 0;
  for (const renew of failed) renew();
  failed.clear();
  return found;
}

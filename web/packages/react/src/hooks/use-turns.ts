import { useMemo } from 'react';

/**
 * Runs one job after the other: an infinite query fetches in one direction at a time, and a person scrolls both ways. A
 * job that already waits or runs is not begun again.
 */
export function useTurns(): (name: string, job: () => Promise<unknown>) => Promise<void> {
  return useMemo(() => {
    const waiting = new Map<string, Promise<void>>();
    let last: Promise<void> = Promise.resolve();
    return (name, job) => {
      const known = waiting.get(name);
      if (known !== undefined) return known;
      const done = (): void => {
        waiting.delete(name);
      };
      last = last.then(job).then(done, done);
      waiting.set(name, last);
      return last;
    };
  }, []);
}

const MINUTE_MS = 60_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setTimeout> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of [...listeners]) listener();
  timer = setTimeout(tick, MINUTE_MS - (now % MINUTE_MS));
}

/** Now, changing once a minute: one clock for all times on the page, which stands while nobody looks at it. */
export const minutes = {
  get: (): number => now,
  subscribe(listener: () => void): () => void {
    if (listeners.size === 0) {
      now = Date.now();
      timer = setTimeout(tick, MINUTE_MS - (now % MINUTE_MS));
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) clearTimeout(timer);
    };
  },
};

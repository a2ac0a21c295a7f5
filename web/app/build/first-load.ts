import type { Plugin } from 'vite';

export interface Loads {
  readonly plugin: Plugin;
  /** Whether a module comes with the page itself; known once all modules are. */
  readonly isFirst: (id: string) => boolean;
  /** Whether it comes as soon as somebody is signed in. */
  readonly isInside: (id: string) => boolean;
}

const INSIDE = '/shell/inside.tsx';
const OUTSIDE = '/session/outside.tsx';

/**
 * What the page needs to begin, and what it needs inside, for a chunk each: they pack smaller than the dozens that are made where later
 * parts share some of it.
 */
export function findLoads(): Loads {
  const first = new Set<string>();
  const inside = new Set<string>();
  const outside = new Set<string>();
  const plugin: Plugin = {
    name: 'duologue:first-load',
    apply: 'build',
    buildEnd() {
      const importsOf = (id: string): readonly string[] => this.getModuleInfo(id)?.importedIds ?? [];
      const ids = [...this.getModuleIds()];
      for (const id of ids.filter((each) => this.getModuleInfo(each)?.isEntry === true)) follow(id, importsOf, first);
      for (const id of ids.filter((each) => each.endsWith(INSIDE))) follow(id, importsOf, inside);
      for (const id of ids.filter((each) => each.endsWith(OUTSIDE))) follow(id, importsOf, outside);
      // What both want comes first: else who is outside would fetch the inside for it.
      for (const id of outside) if (inside.has(id)) first.add(id);
    },
  };
  return { plugin, isFirst: (id) => first.has(id), isInside: (id) => inside.has(id) && !first.has(id) };
}

/** Adds a module and all that it imports, as long as it is not imported later. */
function follow(start: string, importsOf: (id: string) => readonly string[], found: Set<string>): void {
  const waiting = [start];
  for (const id of waiting) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...importsOf(id));
  }
}

import type { Plugin } from 'vite';

export interface FirstLoad {
  readonly plugin: Plugin;
  /** Whether a module belongs to it; known once all modules are. */
  readonly has: (id: string) => boolean;
}

/**
 * Everything that the page needs to begin, for one chunk: it packs smaller than the dozen that are made where later parts share some of it.
 */
export function findFirstLoad(): FirstLoad {
  const modules = new Set<string>();
  const plugin: Plugin = {
    name: 'duologue:first-load',
    apply: 'build',
    buildEnd() {
      const waiting = [...this.getModuleIds()].filter((id) => this.getModuleInfo(id)?.isEntry === true);
      for (const id of waiting) {
        if (modules.has(id)) continue;
        modules.add(id);
        waiting.push(...(this.getModuleInfo(id)?.importedIds ?? []));
      }
    },
  };
  return { plugin, has: (id) => modules.has(id) };
}

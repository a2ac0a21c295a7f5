import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const FILE = 'third-party.txt';
const LICENCE = /^(licen[cs]e|copying|ofl)(\.(md|txt))?$/i;
/** What bundlers put around a path. */
const DECORATION = /^\0|\?.*$/g;

/** Writes who else's work is in the bundle, with their licences: each wants its text to go where its code goes. */
export function thirdParty(): Plugin {
  return {
    name: 'duologue:third-party',
    apply: 'build',
    generateBundle(_options, bundle) {
      // Faces of type are no modules: they are known by the assets that were made of them.
      const assets = Object.values(bundle).flatMap((output) =>
        output.type === 'asset' ? output.originalFileNames : [],
      );
      const folders = new Set([...this.getModuleIds(), ...assets.map((name) => resolve(name))].flatMap(folderOf));
      const notices = [...folders].map(noticeOf).sort();
      if (notices.length === 0) throw new Error('no package was found in the bundle');
      this.emitFile({ type: 'asset', fileName: FILE, source: notices.join(`\n${'-'.repeat(80)}\n\n`) });
    },
  };
}

/** The folder of the package that a module belongs to: the nearest one with a name of its own; none for our own sources. */
function folderOf(id: string): readonly string[] {
  if (!id.includes('/node_modules/')) return [];
  let folder = dirname(id.replace(DECORATION, ''));
  while (!folder.endsWith('/node_modules')) {
    if (existsSync(join(folder, 'package.json')) && nameOf(folder) !== undefined) return [folder];
    folder = dirname(folder);
  }
  return [];
}

function nameOf(folder: string): string | undefined {
  return manifestOf(folder).name;
}

function manifestOf(folder: string): { readonly name?: string; readonly version?: string; readonly license?: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function noticeOf(folder: string): string {
  const { name, version, license } = manifestOf(folder);
  return `${name} ${version} (${license})\n\n${readFileSync(licenceOf(folder), 'utf8').trim()}\n`;
}

/** Few packages carry no text of their licence: theirs lies here. */
function licenceOf(folder: string): string {
  const own = readdirSync(folder).find((each) => LICENCE.test(each));
  const kept = new URL(`licences/${basename(folder)}.txt`, import.meta.url);
  if (own === undefined && !existsSync(kept)) throw new Error(`${folder} is in the bundle, and where is its licence?`);
  return own === undefined ? fileURLToPath(kept) : join(folder, own);
}

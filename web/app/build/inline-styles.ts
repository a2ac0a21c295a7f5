import type { Plugin } from 'vite';

/** Stands in the source for all styles of the bundle, as one string. */
const PLACEHOLDER = '__DUOLOGUE_STYLES__';

/** Puts the styles into the script, for a shadow root; leaves no file but the script. */
export function inlineStyles(): Plugin {
  return {
    name: 'duologue:inline-styles',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      let styles = '';
      for (const [file, output] of Object.entries(bundle)) {
        if (output.type !== 'asset') continue;
        if (file.endsWith('.css')) styles += String(output.source);
        delete bundle[file];
      }
      if (styles === '') throw new Error('no styles were found for the embedded inbox');
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') output.code = output.code.replace(PLACEHOLDER, () => JSON.stringify(styles));
      }
    },
  };
}

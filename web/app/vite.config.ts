import process from 'node:process';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { type BuildEnvironmentOptions, defineConfig, type UserConfig } from 'vite';
import { findLoads } from './build/first-load.ts';
import { inlineStyles } from './build/inline-styles.ts';
import { offerWords } from './build/offer-words.ts';
import { preloadFonts } from './build/preload-fonts.ts';
import { readShellFiles } from './build/shell-files.ts';
import { thirdParty } from './build/third-party.ts';

const OUT = fileURLToPath(new URL('dist', import.meta.url));
const SERVER = process.env.DUOLOGUE_SERVER ?? 'http://127.0.0.1:8080';
/** light-dark(), oklch(), popovers: Chromium 123, Firefox ESR 128, Safari 17.5. */
const TARGET = ['chrome123', 'firefox128', 'safari17.5'];

const common = {
  // React has had it itself since 18: the router asks for a stand-in.
  resolve: {
    alias: { 'use-sync-external-store/shim/index.js': 'react' },
    conditions: ['source', 'module', 'browser', 'development|production'],
  },
  css: { modules: { generateScopedName: '[name]_[local]_[hash:base64:4]' } },
} satisfies UserConfig;

const loads = findLoads();

const app: UserConfig = {
  ...common,
  plugins: [react(), preloadFonts(), offerWords(), loads.plugin, thirdParty()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: TARGET,
    cssTarget: TARGET,
    assetsInlineLimit: 0,
    minify: 'terser',
    terserOptions: { module: true, ecma: 2020, compress: { passes: 3 } },
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'first', test: loads.isFirst },
            { name: 'inside', test: loads.isInside },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '^/(api|v1|uploads|web\\.json)': { target: SERVER },
      '^/chat(/ws)?$': { target: SERVER, ws: true },
    },
  },
};

/** One classic script of a fixed name. */
function script(entry: string, file: string): BuildEnvironmentOptions {
  return {
    outDir: OUT,
    emptyOutDir: false,
    copyPublicDir: false,
    target: TARGET,
    cssTarget: TARGET,
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: {
      input: entry,
      output: { format: 'iife', entryFileNames: file, codeSplitting: false, minify: true },
    },
  };
}

export default defineConfig(({ mode }): UserConfig => {
  if (mode === 'embed') {
    return {
      ...common,
      plugins: [react(), inlineStyles()],
      define: { 'process.env.NODE_ENV': '"production"' },
      build: script('src/embed/main.tsx', 'duologue.js'),
    };
  }
  if (mode === 'worker') {
    return {
      ...common,
      define: { __SHELL_FILES__: JSON.stringify(readShellFiles(OUT)) },
      build: script('src/sw/main.ts', 'sw.js'),
    };
  }
  return app;
});

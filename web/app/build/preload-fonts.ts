import type { HtmlTagDescriptor, Plugin } from 'vite';

const FIRST = /\/(anuphan|newsreader)-latin-wght-normal-.*\.woff2$/;

/** Asks for the faces of the first paint before the styles that name them have come. */
export function preloadFonts(): Plugin {
  return {
    name: 'duologue:preload-fonts',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => FIRST.test(`/${file}`))
          .map(
            (file): HtmlTagDescriptor => ({
              tag: 'link',
              attrs: { rel: 'preload', href: `/${file}`, as: 'font', type: 'font/woff2', crossorigin: '' },
              injectTo: 'head-prepend',
            }),
          ),
    },
  };
}

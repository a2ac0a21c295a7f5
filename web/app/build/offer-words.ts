import type { Plugin } from 'vite';

const WORDS = /^assets\/(?<code>[a-z]{2})-[^/]+\.js$/;
const SCRIPT = '<script src="/before-paint.js"';

/** Tells the script before the first paint where the words of each language are: it asks for the person's own at once. */
export function offerWords(): Plugin {
  return {
    name: 'duologue:offer-words',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle }) => {
        const found = Object.keys(bundle ?? {}).flatMap((file) => {
          const code = WORDS.exec(file)?.groups?.code;
          return code === undefined ? [] : [`${code} /${file}`];
        });
        if (found.length === 0 || !html.includes(SCRIPT)) throw new Error('no words were found, or nobody to tell');
        return html.replace(SCRIPT, `${SCRIPT} data-words="${found.sort().join(',')}"`);
      },
    },
  };
}

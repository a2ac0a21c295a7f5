import { useEffect } from 'react';
import { useLocale } from '../i18n/locale';
import type { Theme } from '../settings/device';

/** Puts the theme, the language and its direction on the page's root. */
export function usePageLook(theme: Theme): void {
  const { code, direction } = useLocale();
  useEffect(() => {
    const root = document.documentElement;
    root.lang = code;
    root.dir = direction;
  }, [code, direction]);
  useEffect(() => {
    const root = document.documentElement;
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
    colourTheFrame(theme);
  }, [theme]);
}

// The colour of `--rail`: what a phone paints around the page.
const FRAME = { light: '#f3ece1', dark: '#120d0a' } as const;

function colourTheFrame(theme: Theme): void {
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = FRAME[theme === 'system' ? own : theme];
  }
}

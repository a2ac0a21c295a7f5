import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import { type Catalogue, en } from './en';
import { createFormats, type Formats } from './formats';
import { directionOf, type LocaleCode } from './locales';

export interface Locale {
  readonly code: LocaleCode;
  readonly direction: 'ltr' | 'rtl';
  readonly formats: Formats;
}
interface Value extends Locale {
  readonly text: Catalogue;
}

const english: Value = { code: 'en', direction: 'ltr', formats: createFormats('en'), text: en };
const LocaleContext = createContext<Value>(english);

/** All texts of the person's language, by area: `useText().inbox.title`. */
export function useText(): Catalogue {
  return use(LocaleContext).text;
}

/** How the person's locale writes times, numbers and lines. */
export function useLocale(): Locale {
  return use(LocaleContext);
}

/** English comes with the page, any other language when it is wanted. */
export async function loadCatalogue(code: LocaleCode): Promise<Catalogue> {
  return code === 'th' ? (await import('./th')).th : en;
}

interface LocaleProviderProps {
  readonly code: LocaleCode;
  /** Already loaded for `code`, so that the first paint is in the right language. */
  readonly initial?: Catalogue | undefined;
  readonly children: ReactNode;
}

/** Changes over when the new catalogue is there; stays with the old one if it cannot be had. */
export function LocaleProvider({ code, initial, children }: LocaleProviderProps) {
  const [loaded, setLoaded] = useState({ code: initial === undefined ? 'en' : code, text: initial ?? en });
  useEffect(() => {
    let isCurrent = true;
    loadCatalogue(code).then(
      (text) => {
        if (isCurrent) setLoaded((before) => (before.code === code ? before : { code, text }));
      },
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [code]);
  const value = useMemo(() => {
    const { code: now, text } = loaded;
    return { code: now, direction: directionOf(now), formats: createFormats(now), text };
  }, [loaded]);
  return <LocaleContext value={value}>{children}</LocaleContext>;
}

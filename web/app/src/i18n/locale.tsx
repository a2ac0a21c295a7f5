import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import type { Catalogue } from './en';
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

const LocaleContext = createContext<Value | null>(null);

/** All texts of the person's language, by area: `useText().inbox.title`. */
export function useText(): Catalogue {
  return useValue().text;
}

/** How the person's locale writes times, numbers and lines. */
export function useLocale(): Locale {
  return useValue();
}

function useValue(): Value {
  const value = use(LocaleContext);
  if (value === null) throw new Error('words want a <LocaleProvider> above them');
  return value;
}

/** A catalogue, and which one it is. */
export interface Words {
  readonly code: LocaleCode;
  readonly text: Catalogue;
}

/** Each language comes when it is wanted: nobody fetches two. */
async function loadWords(code: LocaleCode): Promise<Words> {
  return { code, text: code === 'th' ? (await import('./th')).th : (await import('./en')).en };
}

/** Those of `code`, or of any other language if just they cannot be had. Rejects when there are none at all. */
export async function loadFirstWords(code: LocaleCode): Promise<Words> {
  try {
    return await loadWords(code);
  } catch {
    return await loadWords(code === 'en' ? 'th' : 'en');
  }
}

interface LocaleProviderProps {
  readonly code: LocaleCode;
  /** What the first paint is in: those of `code`, unless they could not be had. */
  readonly initial: Words;
  readonly children: ReactNode;
}

/** Changes over when the new catalogue is there; stays with the old one if it cannot be had. */
export function LocaleProvider({ code, initial, children }: LocaleProviderProps) {
  const [loaded, setLoaded] = useState(initial);
  useEffect(() => {
    let isCurrent = true;
    loadWords(code).then(
      (words) => {
        if (isCurrent) setLoaded((before) => (before.code === code ? before : words));
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

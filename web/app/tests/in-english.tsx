import type { ReactNode } from 'react';
import { en } from '../src/i18n/en';
import { LocaleProvider, type Words } from '../src/i18n/locale';

export const ENGLISH: Words = { code: 'en', text: en };

/** What every component stands in: somebody's language. */
export function InEnglish({ children }: { readonly children: ReactNode }) {
  return (
    <LocaleProvider code="en" initial={ENGLISH}>
      {children}
    </LocaleProvider>
  );
}

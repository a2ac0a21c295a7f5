import type { ReactNode } from 'react';
import type { Catalogue } from '../i18n/en';
import { LocaleProvider } from '../i18n/locale';
import { useDevice } from './device-context';

interface InLanguageProps {
  /** Of the device's language, so that the first paint is in it; undefined: it could not be had yet. */
  readonly catalogue?: Catalogue | undefined;
  readonly children: ReactNode;
}

/** In the language that was chosen for this device. */
export function InLanguage({ catalogue, children }: InLanguageProps) {
  return (
    <LocaleProvider code={useDevice().locale} initial={catalogue}>
      {children}
    </LocaleProvider>
  );
}

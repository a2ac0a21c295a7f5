import type { ReactNode } from 'react';
import { LocaleProvider, type Words } from '../i18n/locale';
import { useDevice } from './device-context';

interface InLanguageProps {
  /** Of the device's language, so that the first paint is in it; of another one if they could not be had yet. */
  readonly words: Words;
  readonly children: ReactNode;
}

/** In the language that was chosen for this device. */
export function InLanguage({ words, children }: InLanguageProps) {
  return (
    <LocaleProvider code={useDevice().locale} initial={words}>
      {children}
    </LocaleProvider>
  );
}

/** The languages there are catalogues of, by their own names. */
export const LOCALES = { en: 'English', th: 'ไทย' } as const;
export type LocaleCode = keyof typeof LOCALES;

const RIGHT_TO_LEFT = new Set(['ar', 'dv', 'fa', 'he', 'ks', 'ps', 'sd', 'ug', 'ur', 'yi']);

export function isLocale(code: string): code is LocaleCode {
  return Object.hasOwn(LOCALES, code);
}

/** The first of the wanted languages (`th-TH`, `en`) that there is a catalogue of; English otherwise. */
export function pickLocale(wanted: readonly string[]): LocaleCode {
  for (const tag of wanted) {
    const language = tag.split('-')[0]?.toLowerCase() ?? '';
    if (isLocale(language)) return language;
  }
  return 'en';
}

export function directionOf(code: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(code.split('-')[0] ?? '') ? 'rtl' : 'ltr';
}

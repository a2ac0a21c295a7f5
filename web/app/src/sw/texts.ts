import type { LocaleCode } from '../i18n/locales';

/** The worker's own few words: it loads no catalogue. */
export const TEXTS: Readonly<Record<LocaleCode, { readonly newMessage: string }>> = {
  en: { newMessage: 'New message' },
  th: { newMessage: 'ข้อความใหม่' },
};

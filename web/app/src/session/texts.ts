import { session as english } from '../i18n/en/session';
import { useLocale } from '../i18n/locale';
import { session as thai } from '../i18n/th/session';

export type SessionText = typeof english;

/** The texts of this part alone: they come with it, not with the first page. */
export function useSessionText(): SessionText {
  return useLocale().code === 'th' ? thai : english;
}

import { settings as english } from '../i18n/en/settings';
import { useLocale } from '../i18n/locale';
import { settings as thai } from '../i18n/th/settings';

export type SettingsText = typeof english;

/** The texts of this part alone: they come with it, not with the first page. */
export function useSettingsText(): SettingsText {
  return useLocale().code === 'th' ? thai : english;
}

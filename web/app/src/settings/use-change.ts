import type { SettingsChange } from '@duologue/client';
import { useMe } from '@duologue/react';
import { describeError } from '../i18n/describe-error';
import { useText } from '../i18n/locale';
import { useToast } from '../ui/toast';
import { useSettingsText } from './texts';

/** Changes a setting: it shows at once, and goes back with a word why if the server refuses. */
export function useChange(): (change: SettingsChange) => Promise<boolean> {
  const text = useText();
  const settings = useSettingsText();
  const toast = useToast();
  const { update } = useMe();
  return async (change) => {
    try {
      await update(change);
      toast.show({ text: settings.saved, tone: 'good' });
      return true;
    } catch (error) {
      toast.show({ text: describeError(text, error), tone: 'danger' });
      return false;
    }
  };
}

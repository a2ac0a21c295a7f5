import { EnterSwitch } from '../composer/enter-switch';
import { isLocale, LOCALES } from '../i18n/locales';
import { Choices } from './choices';
import { useDevice } from './device-context';
import { useSettingsText } from './texts';

const LANGUAGES = Object.entries(LOCALES).flatMap(([code, label]) =>
  isLocale(code) ? [{ value: code, label, lang: code }] : [],
);

export function AppearanceSection() {
  const { appearance } = useSettingsText();
  const { theme, locale, change } = useDevice();
  return (
    <>
      <Choices
        legend={appearance.theme}
        value={theme}
        onChange={(chosen) => change({ theme: chosen })}
        options={[
          { value: 'system', label: appearance.system },
          { value: 'light', label: appearance.light },
          { value: 'dark', label: appearance.dark },
        ]}
      />
      <Choices
        legend={appearance.language}
        value={locale}
        onChange={(chosen) => change({ locale: chosen })}
        options={LANGUAGES}
      />
      <EnterSwitch />
    </>
  );
}

import { useText } from '../i18n/locale';
import { Switch } from '../ui/switch';
import { enterChoice, useEnterSends } from './enter-choice';

/** A row of the settings: whether Enter sends. */
export function EnterSwitch() {
  const text = useText().composer.enter;
  return <Switch label={text.sends} hint={text.hint} isOn={useEnterSends()} onChange={enterChoice.change} />;
}

import { useMe } from '@duologue/react';
import { Switch } from '../ui/switch';
import { Choices } from './choices';
import { MePending } from './me-pending';
import styles from './settings.module.css';
import { useSettingsText } from './texts';
import { useChange } from './use-change';

export function PrivacySection() {
  const { privacy } = useSettingsText();
  const { me } = useMe();
  const change = useChange();
  if (me === undefined) return <MePending />;
  return (
    <>
      <Choices
        legend={privacy.whoCanMessage}
        value={me.whoCanMessage}
        onChange={(whoCanMessage) => change({ whoCanMessage })}
        options={[
          { value: 'everyone', label: privacy.everyone, hint: privacy.everyoneHint },
          { value: 'followers', label: privacy.followers, hint: privacy.followersHint },
          { value: 'none', label: privacy.none, hint: privacy.noneHint },
        ]}
      />
      <section className={styles.group}>
        <Switch
          label={privacy.receipts}
          hint={privacy.receiptsHint}
          isOn={me.sendReadReceipts}
          onChange={(sendReadReceipts) => change({ sendReadReceipts })}
        />
        <Switch
          label={privacy.lastSeen}
          hint={privacy.lastSeenHint}
          isOn={me.showLastSeen}
          onChange={(showLastSeen) => change({ showLastSeen })}
        />
      </section>
    </>
  );
}

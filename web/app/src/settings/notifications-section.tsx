import { useState } from 'react';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Switch } from '../ui/switch';
import { useDevice } from './device-context';
import styles from './settings.module.css';
import { useSettingsText } from './texts';

type Permission = NotificationPermission | 'unsupported';

function currentPermission(): Permission {
  return 'Notification' in window && 'serviceWorker' in navigator ? Notification.permission : 'unsupported';
}

/** Whether this device notifies, and how that is changed: by the browser's leave alone, which is asked for once, after a word why. */
function useNotifying() {
  const device = useDevice();
  const [permission, setPermission] = useState(currentPermission);
  const [isExplaining, setExplaining] = useState(false);
  const toggle = (wanted: boolean) => {
    if (wanted && permission === 'default') setExplaining(true);
    else device.change({ notifies: wanted });
  };
  const ask = async () => {
    setExplaining(false);
    const answer = await Notification.requestPermission();
    setPermission(answer);
    device.change({ notifies: answer === 'granted' });
  };
  const isOn = device.notifies && permission === 'granted';
  return { permission, isOn, toggle, ask, isExplaining, stopExplaining: () => setExplaining(false) };
}

export function NotificationsSection() {
  const { notifications } = useSettingsText();
  const { permission, isOn, toggle, ask, isExplaining, stopExplaining } = useNotifying();
  return (
    <section className={styles.group}>
      <Switch
        label={notifications.on}
        hint={notifications.onHint}
        isOn={isOn}
        isDisabled={permission === 'denied' || permission === 'unsupported'}
        onChange={toggle}
      />
      {permission === 'denied' ? <p className={styles.note}>{notifications.denied}</p> : null}
      {permission === 'unsupported' ? <p className={styles.note}>{notifications.unsupported}</p> : null}
      <Manner isDisabled={!isOn} />
      <p className={styles.note}>{notifications.thisDevice}</p>
      {isExplaining ? (
        <ConfirmDialog
          title={notifications.explainTitle}
          confirmLabel={notifications.allow}
          onConfirm={() => ask()}
          onCancel={stopExplaining}
        >
          {notifications.explain}
        </ConfirmDialog>
      ) : null}
    </section>
  );
}

/** How it notifies. */
function Manner({ isDisabled }: { readonly isDisabled: boolean }) {
  const { notifications } = useSettingsText();
  const { showsPreview, playsSound, change } = useDevice();
  return (
    <>
      <Switch
        label={notifications.preview}
        hint={notifications.previewHint}
        isOn={showsPreview}
        isDisabled={isDisabled}
        onChange={(isShown) => change({ showsPreview: isShown })}
      />
      <Switch
        label={notifications.sound}
        isOn={playsSound}
        isDisabled={isDisabled}
        onChange={(isPlayed) => change({ playsSound: isPlayed })}
      />
    </>
  );
}

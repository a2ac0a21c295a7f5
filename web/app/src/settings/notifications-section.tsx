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

export function NotificationsSection() {
  const { notifications } = useSettingsText();
  const device = useDevice();
  const [permission, setPermission] = useState(currentPermission);
  const [isExplaining, setExplaining] = useState(false);
  const isOn = device.notifies && permission === 'granted';
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
      <Switch
        label={notifications.preview}
        hint={notifications.previewHint}
        isOn={device.showsPreview}
        isDisabled={!isOn}
        onChange={(showsPreview) => device.change({ showsPreview })}
      />
      <Switch
        label={notifications.sound}
        isOn={device.playsSound}
        isDisabled={!isOn}
        onChange={(playsSound) => device.change({ playsSound })}
      />
      <p className={styles.note}>{notifications.thisDevice}</p>
      {isExplaining ? (
        <ConfirmDialog
          title={notifications.explainTitle}
          confirmLabel={notifications.allow}
          onConfirm={() => ask()}
          onCancel={() => setExplaining(false)}
        >
          {notifications.explain}
        </ConfirmDialog>
      ) : null}
    </section>
  );
}

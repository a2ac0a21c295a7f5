import { useState } from 'react';
import { describeError } from '../i18n/describe-error';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { useToast } from '../ui/toast';
import styles from './settings.module.css';
import { useSettingsText } from './texts';

export function SignOutEverywhere({ signOut }: { readonly signOut: () => Promise<void> }) {
  const text = useText();
  const { account } = useSettingsText();
  const toast = useToast();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await signOut();
    } catch (error) {
      toast.show({ text: describeError(text, error), tone: 'danger' });
      setBusy(false);
      setAsking(false);
    }
  };
  return (
    <section className={styles.group}>
      <h2>{account.everywhereTitle}</h2>
      <p className={styles.note}>{account.everywhere}</p>
      <div className={styles.actions}>
        <Button onClick={() => setAsking(true)}>{account.everywhereTitle}</Button>
      </div>
      {isAsking ? (
        <ConfirmDialog
          title={account.everywhereConfirm}
          confirmLabel={text.shell.signOut}
          isBusy={isBusy}
          onConfirm={() => confirm()}
          onCancel={() => setAsking(false)}
        >
          {account.everywhere} {text.shell.signOutText}
        </ConfirmDialog>
      ) : null}
    </section>
  );
}

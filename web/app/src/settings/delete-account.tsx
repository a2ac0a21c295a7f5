import { DuologueError } from '@duologue/client';
import { type FormEvent, useState } from 'react';
import { describeError } from '../i18n/describe-error';
import { useText } from '../i18n/locale';
import { PasswordField } from '../session/password-field';
import { useSessionText } from '../session/texts';
import { Button } from '../ui/button';
import { classNames } from '../ui/class-names';
import { Dialog } from '../ui/dialog';
import { useFirstInvalid } from '../ui/use-first-invalid';
import { Choices } from './choices';
import styles from './settings.module.css';
import { useSettingsText } from './texts';

/** Of the messages that one has written. */
type Fate = 'keep' | 'remove';

interface DeleteAccountProps {
  readonly erase: (password: string, messages: Fate) => Promise<void>;
}

export function DeleteAccount({ erase }: DeleteAccountProps) {
  const { account } = useSettingsText();
  const [isAsking, setAsking] = useState(false);
  return (
    <section className={classNames(styles.group, styles.danger)}>
      <h2>{account.deleteTitle}</h2>
      <p className={styles.note}>{account.delete}</p>
      <div className={styles.actions}>
        <Button variant="danger" onClick={() => setAsking(true)}>
          {account.deleteButton}
        </Button>
      </div>
      {isAsking ? <DeleteDialog erase={erase} onClose={() => setAsking(false)} /> : null}
    </section>
  );
}

function DeleteDialog({ erase, onClose }: DeleteAccountProps & { readonly onClose: () => void }) {
  const text = useText();
  const session = useSessionText();
  const { account } = useSettingsText();
  const [password, setPassword] = useState('');
  const [messages, setMessages] = useState<Fate>('keep');
  const [errors, setErrors] = useState<{ readonly password?: string }>({});
  const element = useFirstInvalid(errors);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    try {
      await erase(password, messages);
    } catch (failure) {
      const isWrong = failure instanceof DuologueError && failure.code === 'FORBIDDEN';
      setErrors({ password: isWrong ? account.wrongPassword : describeError(text, failure) });
      setBusy(false);
    }
  };
  return (
    <Dialog title={account.deleteConfirm} size="small" onClose={onClose}>
      <form ref={element} className={styles.group} onSubmit={(event) => submit(event)}>
        <p>{account.delete}</p>
        <Choices
          legend={account.fate}
          value={messages}
          onChange={setMessages}
          options={[
            { value: 'keep', label: account.keep, hint: account.keepHint },
            { value: 'remove', label: account.remove, hint: account.removeHint },
          ]}
        />
        <PasswordField
          label={session.password}
          autoComplete="current-password"
          value={password}
          error={errors.password}
          onChange={setPassword}
        />
        <div className={styles.actions}>
          <Button onClick={onClose}>{text.ui.cancel}</Button>
          <Button type="submit" variant="danger" isBusy={isBusy} disabled={password === ''}>
            {account.deleteButton}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

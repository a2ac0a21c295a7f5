import { DuologueError } from '@duologue/client';
import { type FormEvent, useState } from 'react';
import { describeError } from '../i18n/describe-error';
import { useText } from '../i18n/locale';
import { PasswordField } from '../session/password-field';
import { PASSWORD_LEAST } from '../session/rules';
import { useSessionText } from '../session/texts';
import { Button } from '../ui/button';
import { useToast } from '../ui/toast';
import { useFirstInvalid } from '../ui/use-first-invalid';
import styles from './settings.module.css';
import { useSettingsText } from './texts';

interface PasswordFormProps {
  readonly change: (password: string, newPassword: string) => Promise<void>;
}

export function PasswordForm({ change }: PasswordFormProps) {
  const session = useSessionText();
  const { account } = useSettingsText();
  const form = usePasswordForm(change);
  const element = useFirstInvalid(form.errors);
  return (
    <form ref={element} className={styles.group} onSubmit={(event) => form.submit(event)}>
      <h2>{account.passwordTitle}</h2>
      <PasswordField
        label={account.current}
        autoComplete="current-password"
        value={form.current}
        error={form.errors.current}
        onChange={form.setCurrent}
      />
      <PasswordField
        label={account.next}
        autoComplete="new-password"
        hint={session.passwordHint}
        value={form.next}
        error={form.errors.next}
        onChange={form.setNext}
      />
      <div className={styles.actions}>
        <Button type="submit" variant="solid" isBusy={form.isBusy}>
          {account.change}
        </Button>
      </div>
    </form>
  );
}

interface Errors {
  readonly current?: string;
  readonly next?: string;
}

function usePasswordForm(change: PasswordFormProps['change']) {
  const text = useText();
  const session = useSessionText();
  const settings = useSettingsText();
  const toast = useToast();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [errors, setErrors] = useState<Errors>({});
  const [isBusy, setBusy] = useState(false);
  const check = (): Errors => ({
    ...(current === '' ? { current: session.passwordMissing } : {}),
    ...(next.length < PASSWORD_LEAST ? { next: session.passwordShort } : {}),
  });
  const send = async () => {
    await change(current, next);
    setCurrent('');
    setNext('');
    toast.show({ text: settings.account.changed, tone: 'good' });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const found = check();
    setErrors(found);
    if (Object.keys(found).length > 0 || isBusy) return;
    setBusy(true);
    await send().catch((error: unknown) => {
      const isWrong = error instanceof DuologueError && error.code === 'FORBIDDEN';
      if (isWrong) setErrors({ current: settings.account.wrongPassword });
      else toast.show({ text: describeError(text, error), tone: 'danger' });
    });
    setBusy(false);
  };
  return { current, next, errors, isBusy, setCurrent, setNext, submit };
}

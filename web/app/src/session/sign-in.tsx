import type { SessionEnd } from '@duologue/client';
import { type FormEvent, useState } from 'react';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { useFirstInvalid } from '../ui/use-first-invalid';
import { Door } from './door';
import styles from './door.module.css';
import type { NewAccount } from './gate';
import { PasswordField } from './password-field';
import { useSessionText } from './texts';
import { type Mode, type SignInFormState, useSignInForm } from './use-sign-in-form';

interface SignInProps {
  readonly why: SessionEnd | null;
  readonly signIn: (account: NewAccount) => Promise<void>;
  readonly signUp: (account: NewAccount) => Promise<void>;
}

/** The door of a server with accounts of its own. */
export function SignIn({ why, signIn, signUp }: SignInProps) {
  const session = useSessionText();
  const [mode, setMode] = useState<Mode>('sign_in');
  const isNew = mode === 'sign_up';
  const notices = {
    signed_out: session.signedOut,
    ended: session.ended,
    deactivated: session.deactivated,
  };
  return (
    <Door
      title={isNew ? session.signUpTitle : session.signInTitle}
      notice={why === null || isNew ? undefined : notices[why]}
    >
      <SignInForm key={mode} mode={mode} submit={isNew ? signUp : signIn} />
      <p className={styles.other}>
        {isNew ? session.toSignIn : session.toSignUp}
        <button type="button" className={styles.link} onClick={() => setMode(isNew ? 'sign_in' : 'sign_up')}>
          {isNew ? session.signIn : session.signUp}
        </button>
      </p>
    </Door>
  );
}

interface FormProps {
  readonly mode: Mode;
  readonly submit: (account: NewAccount) => Promise<void>;
}

function SignInForm({ mode, submit }: FormProps) {
  const session = useSessionText();
  const form = useSignInForm(mode, submit);
  const element = useFirstInvalid(form.errors);
  const isNew = mode === 'sign_up';
  const send = (event: FormEvent) => {
    event.preventDefault();
    form.send();
  };
  return (
    <form ref={element} className={styles.form} onSubmit={send} noValidate={true}>
      <Credentials form={form} isNew={isNew} />
      {form.problem === '' ? null : (
        <p role="alert" className={styles.problem}>
          {form.problem}
        </p>
      )}
      <Button type="submit" variant="solid" size="large" isWide={true} isBusy={form.isBusy}>
        {isNew ? session.signUp : session.signIn}
      </Button>
    </form>
  );
}

interface CredentialsProps {
  readonly form: SignInFormState;
  readonly isNew: boolean;
}

function Credentials({ form, isNew }: CredentialsProps) {
  const session = useSessionText();
  return (
    <>
      <Field
        label={session.username}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
        value={form.values.username}
        error={form.errors.username}
        onChange={(event) => form.set({ username: event.target.value })}
        {...(isNew ? { hint: session.usernameHint } : {})}
      />
      {isNew ? (
        <Field
          label={session.displayName}
          name="displayName"
          autoComplete="nickname"
          maxLength={100}
          hint={session.displayNameHint}
          value={form.values.displayName}
          onChange={(event) => form.set({ displayName: event.target.value })}
        />
      ) : null}
      <PasswordField
        label={session.password}
        autoComplete={isNew ? 'new-password' : 'current-password'}
        value={form.values.password}
        error={form.errors.password}
        onChange={(password) => form.set({ password })}
        {...(isNew ? { hint: session.passwordHint } : {})}
      />
    </>
  );
}

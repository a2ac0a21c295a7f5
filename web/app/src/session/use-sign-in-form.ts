import { DuologueError } from '@duologue/client';
import { useState } from 'react';
import { describeError } from '../i18n/describe-error';
import { useText } from '../i18n/locale';
import type { NewAccount } from './gate';
import { isUsername, PASSWORD_LEAST } from './rules';
import { type SessionText, useSessionText } from './texts';

export type Mode = 'sign_in' | 'sign_up';

export interface FieldErrors {
  readonly username?: string;
  readonly password?: string;
}

/** What can be said without asking the server. */
export function checkCredentials(mode: Mode, { username, password }: NewAccount, text: SessionText): FieldErrors {
  if (mode === 'sign_in') {
    return {
      ...(username === '' ? { username: text.usernameMissing } : {}),
      ...(password === '' ? { password: text.passwordMissing } : {}),
    };
  }
  return {
    ...(isUsername(username) ? {} : { username: text.usernameWrong }),
    ...(password.length < PASSWORD_LEAST ? { password: text.passwordShort } : {}),
  };
}

/** Where the server's refusal is said: beside the field it is about, or below all. */
export function placeFailure(
  mode: Mode,
  error: unknown,
  text: SessionText,
  describe: (error: unknown) => string,
): { errors: FieldErrors; problem: string } {
  const code = error instanceof DuologueError ? error.code : null;
  if (mode === 'sign_up' && code === 'CONFLICT') return { errors: { username: text.usernameTaken }, problem: '' };
  if (mode === 'sign_in' && code === 'UNAUTHORIZED') return { errors: {}, problem: text.wrong };
  if (mode === 'sign_in' && code === 'FORBIDDEN') return { errors: {}, problem: text.deactivated };
  return { errors: {}, problem: describe(error) };
}

export type SignInFormState = ReturnType<typeof useSignInForm>;

export function useSignInForm(mode: Mode, submit: (credentials: NewAccount) => Promise<void>) {
  const text = useText();
  const session = useSessionText();
  const [values, setValues] = useState<NewAccount>({ username: '', password: '', displayName: '' });
  const [errors, setErrors] = useState<FieldErrors>({});
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const send = async () => {
    if (isBusy) return;
    const credentials = { ...values, username: values.username.trim(), displayName: values.displayName.trim() };
    const found = checkCredentials(mode, credentials, session);
    setErrors(found);
    setProblem('');
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await submit(credentials);
    } catch (error) {
      const placed = placeFailure(mode, error, session, (failure) => describeError(text, failure));
      setErrors(placed.errors);
      setProblem(placed.problem);
      setBusy(false);
    }
  };
  const set = (change: Partial<NewAccount>) => setValues((before) => ({ ...before, ...change }));
  return { values, errors, problem, isBusy, set, send };
}

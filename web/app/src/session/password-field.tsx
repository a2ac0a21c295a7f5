import Eye from 'lucide-react/icons/eye';
import EyeOff from 'lucide-react/icons/eye-off';
import { useState } from 'react';
import { Field } from '../ui/field';
import { IconButton } from '../ui/icon-button';
import { PASSWORD_MOST } from './rules';
import { useSessionText } from './texts';

interface PasswordFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly autoComplete: 'current-password' | 'new-password';
  readonly hint?: string;
  readonly error?: string | undefined;
}

/** A password, which can be shown to whoever typed it. */
export function PasswordField({ onChange, ...props }: PasswordFieldProps) {
  const session = useSessionText();
  const [isShown, setShown] = useState(false);
  const eye = (
    <IconButton
      label={isShown ? session.hidePassword : session.showPassword}
      icon={isShown ? <EyeOff /> : <Eye />}
      size="small"
      tooltip="none"
      onClick={() => setShown(!isShown)}
    />
  );
  return (
    <Field
      {...props}
      type={isShown ? 'text' : 'password'}
      name="password"
      maxLength={PASSWORD_MOST}
      spellCheck={false}
      autoCapitalize="none"
      trailing={eye}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names';
import styles from './field.module.css';

export interface FieldProps extends Omit<ComponentProps<'input'>, 'id' | 'size'> {
  readonly label: string;
  /** Said before anything went wrong. */
  readonly hint?: ReactNode;
  /** What is wrong and what to do; empty or absent: nothing. */
  readonly error?: string | undefined;
  /** Beside the input, at its end: a button. */
  readonly trailing?: ReactNode;
  readonly isLabelHidden?: boolean;
}

/** A labelled input with a hint and an error that a screen reader connects with it. */
export function Field({ label, hint, error, trailing, isLabelHidden = false, className, ...input }: FieldProps) {
  const id = useId();
  const hasError = error !== undefined && error !== '';
  const hasHint = hint !== undefined && !hasError;
  return (
    <div className={classNames(styles.field, className)}>
      <label htmlFor={id} className={isLabelHidden ? styles.hiddenLabel : styles.label}>
        {label}
      </label>
      <div className={styles.box} data-invalid={hasError || undefined}>
        <input
          {...input}
          id={id}
          className={styles.input}
          aria-invalid={hasError || undefined}
          aria-describedby={hasError ? `${id}-error` : hasHint ? `${id}-hint` : undefined}
        />
        {trailing}
      </div>
      {hasHint ? (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      ) : null}
      {hasError ? (
        <p id={`${id}-error`} role="alert" className={styles.error}>
          {error}
        </p>
      ) : null}
    </div>
  );
}

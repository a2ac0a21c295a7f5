import type { ComponentProps } from 'react';
import styles from './button.module.css';
import { classNames } from './class-names';
import { Spinner } from './spinner';

export interface ButtonProps extends ComponentProps<'button'> {
  readonly variant?: 'solid' | 'quiet' | 'danger';
  readonly size?: 'small' | 'medium' | 'large';
  /** As wide as there is room. */
  readonly isWide?: boolean;
  /** Under way: shows it, and does nothing when pressed. Keeps the focus, unlike `disabled`. */
  readonly isBusy?: boolean;
}

/** A `button` of type `button` unless said otherwise. */
export function Button(props: ButtonProps) {
  const { variant = 'quiet', size = 'medium', isWide, isBusy = false, className, children, onClick, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || rest['aria-disabled']}
      onClick={(event) => (isBusy ? event.preventDefault() : onClick?.(event))}
      className={classNames(styles.button, styles[variant], styles[size], isWide === true && styles.wide, className)}
    >
      {isBusy ? <Spinner /> : null}
      {children}
    </button>
  );
}

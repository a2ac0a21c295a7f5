import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names';
import styles from './icon-button.module.css';

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'title' | 'aria-label'> {
  /** What it does: its name, and its tooltip. */
  readonly label: string;
  /** An icon of lucide-react; hidden from screen readers. */
  readonly icon: ReactNode;
  readonly size?: 'small' | 'medium';
  readonly variant?: 'bare' | 'solid' | 'danger';
  /** Where the tooltip finds room. */
  readonly tooltip?: 'top' | 'bottom' | 'none';
  /** Towards which edge of the screen the tooltip may not grow. */
  readonly tooltipAlign?: 'center' | 'start' | 'end';
}

export function IconButton(props: IconButtonProps) {
  const {
    label,
    icon,
    size = 'medium',
    variant = 'bare',
    tooltip = 'bottom',
    tooltipAlign,
    className,
    ...rest
  } = props;
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      data-tooltip={tooltip === 'none' ? undefined : label}
      data-side={tooltip}
      data-align={tooltipAlign ?? 'center'}
      className={classNames(styles.button, styles[size], styles[variant], className)}
    >
      <span aria-hidden="true" className={styles.icon}>
        {icon}
      </span>
    </button>
  );
}

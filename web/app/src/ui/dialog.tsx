import X from 'lucide-react/icons/x';
import { type MouseEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { useText } from '../i18n/locale';
import { classNames } from './class-names';
import styles from './dialog.module.css';
import { focusedAround } from './focused';
import { giveFocusBack } from './give-focus-back';
import { IconButton } from './icon-button';

export interface DialogProps {
  readonly title: string;
  /** The person wants it gone: Escape, the veil, the cross. Unmount it then. */
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Buttons, the main one last. */
  readonly actions?: ReactNode;
  readonly size?: 'small' | 'medium' | 'large';
}

/** A modal over the page: shown while mounted. The focus returns to where it was. */
export function Dialog({ title, onClose, children, actions, size = 'medium' }: DialogProps) {
  const ref = useModal();
  const id = useId();
  const closeOnVeil = (event: MouseEvent) => {
    if (event.target === event.currentTarget) onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does by keyboard what a click on the veil does.
    <dialog
      ref={ref}
      aria-labelledby={id}
      className={classNames(styles.dialog, styles[size])}
      onClick={closeOnVeil}
      onCancel={(event) => {
        // React hands on what befell a dialog inside this one: that is not to take this one along.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles.sheet}>
        <header className={styles.header}>
          <h2 id={id} className={styles.title}>
            {title}
          </h2>
          <CloseButton onClose={onClose} />
        </header>
        <div className={styles.body}>{children}</div>
        {actions === undefined ? null : <footer className={styles.actions}>{actions}</footer>}
      </div>
    </dialog>
  );
}

function CloseButton({ onClose }: { readonly onClose: () => void }) {
  const text = useText();
  return <IconButton label={text.ui.close} icon={<X />} size="small" tooltip="none" onClick={onClose} />;
}

/** Opens a `dialog` as a modal while it is mounted, and gives the focus back. */
export function useModal() {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = dialog === null ? null : focusedAround(dialog);
    const giveBack = giveFocusBack(before ?? dialog);
    if (dialog !== null && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close();
      giveBack();
    };
  }, []);
  return ref;
}

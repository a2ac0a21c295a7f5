import type { ReactNode } from 'react';
import { useText } from '../i18n/locale';
import { Button } from './button';
import { Dialog } from './dialog';

export interface QuestionProps {
  /** A question. */
  readonly title: string;
  /** What will have changed, and for whom. */
  readonly children: ReactNode;
  /** The verb. */
  readonly confirmLabel: string;
  readonly isDanger?: boolean;
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

/** The dialog itself: fetched by `ConfirmDialog` when there is something to ask. */
export function Question(props: QuestionProps) {
  const text = useText();
  const { title, children, confirmLabel, isDanger = false, isBusy = false, onConfirm, onCancel } = props;
  const actions = (
    <>
      <Button onClick={onCancel}>{text.ui.cancel}</Button>
      <Button variant={isDanger ? 'danger' : 'solid'} isBusy={isBusy} onClick={onConfirm}>
        {confirmLabel}
      </Button>
    </>
  );
  return (
    <Dialog title={title} size="small" onClose={onCancel} actions={actions}>
      {children}
    </Dialog>
  );
}

import { useState } from 'react';
import { useText } from '../i18n/locale';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { useToast } from '../ui/toast';

interface SignOutDialogProps {
  readonly signOut: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks, and says where something of the person stays on this device all the same. */
export function SignOutDialog({ signOut, onClose }: SignOutDialogProps) {
  const { shell } = useText();
  const toast = useToast();
  const [isBusy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await signOut();
    } catch {
      toast.show({ text: shell.signOutFailed, tone: 'danger' });
      onClose();
    }
  };
  return (
    <ConfirmDialog
      title={shell.signOutTitle}
      confirmLabel={shell.signOut}
      isBusy={isBusy}
      onConfirm={() => confirm()}
      onCancel={onClose}
    >
      {shell.signOutText}
    </ConfirmDialog>
  );
}

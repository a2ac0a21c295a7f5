import Paperclip from 'lucide-react/icons/paperclip';
import { useRef } from 'react';
import { useText } from '../../i18n/locale';
import { IconButton } from '../../ui/icon-button';
import { ACCEPT } from './kinds';

/** Opens the file dialog. */
export function AttachButton({ onChoose }: { readonly onChoose: (files: readonly File[]) => void }) {
  const label = useText().composer.attach;
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={ACCEPT}
        aria-label={label}
        onChange={({ currentTarget }) => {
          onChoose([...(currentTarget.files ?? [])]);
          // The same file again is a change again.
          currentTarget.value = '';
        }}
      />
      <IconButton
        label={label}
        icon={<Paperclip />}
        tooltip="top"
        tooltipAlign="start"
        onClick={() => input.current?.click()}
      />
    </>
  );
}

import Smile from 'lucide-react/icons/smile';
import { Suspense, useId, useRef, useState } from 'react';
import { useText } from '../../i18n/locale';
import { IconButton } from '../../ui/icon-button';
import { loadPart } from '../../ui/load-part';

const EmojiPicker = loadPart(async () => (await import('./emoji-picker')).default);

/** Opens the picker, whose names are loaded then. */
export function EmojiButton({ onPick }: { readonly onPick: (emoji: string) => void }) {
  const label = useText().composer.emoji;
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  return (
    <>
      <IconButton
        ref={button}
        label={label}
        icon={<Smile />}
        tooltip="top"
        tooltipAlign="end"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen ? (
        <Suspense fallback={null}>
          <EmojiPicker
            id={id}
            anchor={button}
            onPick={(emoji) => {
              setOpen(false);
              onPick(emoji);
            }}
            onClose={(returnsFocus) => {
              setOpen(false);
              if (returnsFocus) button.current?.focus();
            }}
          />
        </Suspense>
      ) : null}
    </>
  );
}

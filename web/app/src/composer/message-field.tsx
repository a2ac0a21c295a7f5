import { type ClipboardEvent, type KeyboardEvent, type RefObject, useRef } from 'react';
import { useText } from '../i18n/locale';
import { pastedFiles } from './attachments/transfer';
import { useEnterSends } from './enter-choice';
import { meansSend } from './keys';
import styles from './message-field.module.css';
import { useAutosize } from './use-autosize';

interface MessageFieldProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly username: string;
  readonly text: string;
  readonly describedBy: string;
  readonly isTooLong: boolean;
  readonly onText: (text: string) => void;
  readonly onSend: () => void;
  readonly onFiles: (files: readonly File[]) => void;
}

/** The text of a message: grows up to eight lines, sends on Enter if so chosen, takes pasted files. */
export function MessageField(props: MessageFieldProps) {
  const { field, username, text, describedBy, isTooLong, onText, onSend, onFiles } = props;
  const words = useText().composer;
  const enterSends = useEnterSends();
  const composing = useRef(false);
  useAutosize(field, text);
  const press = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey, keyCode } = event;
    const isComposing = composing.current || event.nativeEvent.isComposing;
    const pressed = { key, shiftKey, ctrlKey, metaKey, altKey, keyCode, isComposing };
    if (!meansSend(pressed, enterSends)) return;
    event.preventDefault();
    onSend();
  };
  const paste = (event: ClipboardEvent) => {
    const files = pastedFiles(event.clipboardData, new Date());
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  };
  return (
    <textarea
      ref={field}
      name="message"
      rows={1}
      className={styles.field}
      value={text}
      placeholder={words.placeholder}
      aria-label={words.field(username)}
      aria-describedby={describedBy}
      aria-invalid={isTooLong || undefined}
      autoComplete="off"
      enterKeyHint={enterSends ? 'send' : 'enter'}
      dir="auto"
      onChange={(event) => onText(event.currentTarget.value)}
      onKeyDown={press}
      onPaste={paste}
      onCompositionStart={() => {
        composing.current = true;
      }}
      onCompositionEnd={() => {
        composing.current = false;
      }}
    />
  );
}

import SendHorizontal from 'lucide-react/icons/send-horizontal';
import type { RefObject } from 'react';
import { useText } from '../i18n/locale';
import { IconButton } from '../ui/icon-button';
import { AttachButton } from './attachments/attach-button';
import styles from './composer.module.css';
import { EmojiButton } from './emoji/emoji-button';
import { MAX_TEXT } from './limits';
import { MessageField } from './message-field';
import { countText } from './text';
import { useInsert } from './use-insert';
import type { MessageForm } from './use-message-form';
import { RecordButton } from './voice/record-button';

interface EntryRowProps {
  readonly form: MessageForm;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly username: string;
  readonly describedBy: string;
  readonly onSend: () => void;
  readonly onRecord: () => void;
}

/** The field, and the buttons around it. */
export function EntryRow({ form, field, username, describedBy, onSend, onRecord }: EntryRowProps) {
  const words = useText().composer;
  const { text, setText, tray, isWaiting } = form;
  const insert = useInsert(field, text, setText);
  const isTooLong = countText(text) > MAX_TEXT;
  return (
    <div className={styles.row}>
      <AttachButton onChoose={tray.add} />
      <MessageField
        field={field}
        username={username}
        text={text}
        describedBy={describedBy}
        isTooLong={isTooLong}
        onText={setText}
        onSend={onSend}
        onFiles={tray.add}
      />
      <EmojiButton onPick={insert} />
      <RecordButton onStart={onRecord} />
      <IconButton
        type="submit"
        variant="solid"
        tooltip="top"
        tooltipAlign="end"
        label={words.send}
        icon={<SendHorizontal className={styles.directed} />}
        aria-busy={isWaiting || undefined}
        aria-disabled={isTooLong || undefined}
      />
    </div>
  );
}

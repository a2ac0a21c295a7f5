import type { Id } from '@duologue/client';
import { useStore } from '@duologue/react';
import { SendHorizontal } from 'lucide-react';
import { type FormEvent, type RefObject, Suspense, useCallback, useEffect, useId, useRef, useState } from 'react';
import { useText } from '../i18n/locale';
import { IconButton } from '../ui/icon-button';
import { loadPart } from '../ui/load-part';
import { AttachButton } from './attachments/attach-button';
import { DropVeil } from './attachments/drop-veil';
import { Previews } from './attachments/previews';
import { Refusals } from './attachments/refusals';
import type { Taken } from './attachments/transfer';
import type { Tray } from './attachments/tray';
import { useDrop } from './attachments/use-drop';
import styles from './composer.module.css';
import { Counter } from './counter';
import { EmojiButton } from './emoji/emoji-button';
import { MAX_TEXT } from './limits';
import { MessageField } from './message-field';
import { countText } from './text';
import { useInsert } from './use-insert';
import { useMessageForm } from './use-message-form';
import { RecordButton } from './voice/record-button';

const Recorder = loadPart(async () => (await import('./voice/recorder')).default);

interface ComposerFormProps {
  readonly conversationId: Id;
  readonly username: string;
}

export function ComposerForm({ conversationId, username }: ComposerFormProps) {
  const words = useText().composer;
  const form = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const { text, setText, tray, isWaiting, submit, sendFile } = useMessageForm(conversationId);
  const { attachments, refusals } = useStore(tray.state);
  const [isRecording, setRecording] = useState(false);
  const count = countText(text);
  const counterId = useId();
  const insert = useInsert(field, text, setText);
  const focus = useCallback(() => field.current?.focus(), []);
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    submit();
    focus();
  };
  const endRecording = (file?: File) => {
    setRecording(false);
    if (file) sendFile(file);
  };
  useFocusAfter(isRecording, focus);
  return (
    <form ref={form} className={styles.composer} aria-label={words.form} onSubmit={send}>
      <DropArea form={form} tray={tray} />
      <Refusals refusals={refusals} onDismiss={() => tray.refuse([])} />
      <div className={styles.sheet}>
        <Previews attachments={attachments} tray={tray} onEmpty={focus} />
        {isRecording ? (
          <Suspense fallback={<div className={styles.row} />}>
            <Recorder onEnd={endRecording} />
          </Suspense>
        ) : (
          <div className={styles.row}>
            <AttachButton onChoose={tray.add} />
            <MessageField
              field={field}
              username={username}
              text={text}
              describedBy={counterId}
              isTooLong={count > MAX_TEXT}
              onText={setText}
              onSend={send}
              onFiles={tray.add}
            />
            <EmojiButton onPick={insert} />
            <RecordButton onStart={() => setRecording(true)} />
            <IconButton
              type="submit"
              variant="solid"
              tooltip="top"
              tooltipAlign="end"
              label={words.send}
              icon={<SendHorizontal className={styles.directed} />}
              aria-busy={isWaiting || undefined}
              aria-disabled={count > MAX_TEXT || undefined}
            />
          </div>
        )}
        <Counter id={counterId} count={count} />
      </div>
    </form>
  );
}

interface DropAreaProps {
  readonly form: RefObject<HTMLFormElement | null>;
  readonly tray: Tray;
}

function DropArea({ form, tray }: DropAreaProps) {
  const target = useRef<HTMLElement | null>(null);
  useEffect(() => {
    target.current = form.current?.closest<HTMLElement>('[data-drop-target]') ?? form.current?.parentElement ?? null;
  }, [form]);
  const drop = ({ files, folders }: Taken) => {
    tray.add(files);
    if (folders.length === 0) return;
    const refused = folders.map((name) => ({ name, reason: 'folder' as const }));
    tray.refuse([...tray.state.get().refusals, ...refused]);
  };
  return useDrop(target, drop) ? <DropVeil over={target} /> : null;
}

/** Gives the field the focus back when the recorder, which took its place, is gone. */
function useFocusAfter(isRecording: boolean, focus: () => void): void {
  const before = useRef(isRecording);
  useEffect(() => {
    if (before.current && !isRecording) focus();
    before.current = isRecording;
  }, [isRecording, focus]);
}

import type { Id } from '@duologue/client';
import { useStore } from '@duologue/react';
import { type FormEvent, type RefObject, Suspense, useCallback, useEffect, useId, useRef, useState } from 'react';
import { useText } from '../i18n/locale';
import { loadPart } from '../ui/load-part';
import { Previews } from './attachments/previews';
import { Refusals } from './attachments/refusals';
import type { Taken } from './attachments/transfer';
import type { Tray } from './attachments/tray';
import { useDrop } from './attachments/use-drop';
import styles from './composer.module.css';
import { Counter } from './counter';
import { EntryRow } from './entry-row';
import { countText } from './text';
import { useMessageForm } from './use-message-form';

const DropVeil = loadPart(async () => (await import('./attachments/drop-veil')).DropVeil);
const Recorder = loadPart(async () => (await import('./voice/recorder')).default);

interface ComposerFormProps {
  readonly conversationId: Id;
  readonly username: string;
}

export function ComposerForm({ conversationId, username }: ComposerFormProps) {
  const words = useText().composer;
  const element = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const form = useMessageForm(conversationId);
  const { attachments, refusals } = useStore(form.tray.state);
  const [isRecording, setRecording] = useState(false);
  const counterId = useId();
  const focus = useCallback(() => field.current?.focus(), []);
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    form.submit();
    focus();
  };
  const endRecording = (file?: File) => {
    setRecording(false);
    if (file) form.sendFile(file);
  };
  const startRecording = () => setRecording(true);
  useFocusAfter(isRecording, focus);
  const entry = { form, field, username, describedBy: counterId, onSend: send, onRecord: startRecording };
  return (
    <form ref={element} className={styles.composer} aria-label={words.form} onSubmit={send}>
      <DropArea form={element} tray={form.tray} />
      <Refusals refusals={refusals} onDismiss={() => form.tray.refuse([])} />
      <div className={styles.sheet}>
        <Previews attachments={attachments} tray={form.tray} onEmpty={focus} />
        {isRecording ? (
          <Suspense fallback={<div className={styles.row} />}>
            <Recorder onEnd={endRecording} />
          </Suspense>
        ) : (
          <EntryRow {...entry} />
        )}
        <Counter id={counterId} count={countText(form.text)} />
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
  return useDrop(target, drop) ? (
    <Suspense>
      <DropVeil over={target} />
    </Suspense>
  ) : null;
}

/** Gives the field the focus back when the recorder, which took its place, is gone. */
function useFocusAfter(isRecording: boolean, focus: () => void): void {
  const before = useRef(isRecording);
  useEffect(() => {
    if (before.current && !isRecording) focus();
    before.current = isRecording;
  }, [isRecording, focus]);
}

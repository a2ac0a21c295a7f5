import type { Id } from '@duologue/client';
import { useSendMessage, useStore, useTyping } from '@duologue/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useText } from '../i18n/locale';
import { useToast } from '../ui/toast';
import { shrinkImage } from './attachments/redraw';
import { type Attachment, createTray, type Tray, toDraftFiles } from './attachments/tray';
import { judgeText } from './text';
import { type DraftField, useDraftText } from './use-draft-text';

export interface MessageForm extends DraftField {
  readonly tray: Tray;
  /** It was submitted, and goes out when its pictures are ready. */
  readonly isWaiting: boolean;
  /** Sends what is there; nothing happens when there is nothing, or too much text. */
  readonly submit: () => void;
  /** Sends one file by itself: a recording. */
  readonly sendFile: (file: File) => void;
}

/** The message that is being written: its text, its files, and how it leaves. */
export function useMessageForm(conversationId: Id): MessageForm {
  const { text, setText } = useDraftText(conversationId);
  const [tray] = useState(() => createTray(shrinkImage));
  const { attachments } = useStore(tray.state);
  const { setTyping } = useTyping(conversationId);
  const [wants, setWants] = useState(false);
  const keep = useKeeper(conversationId);
  const isPreparing = attachments.some((each) => each.isPreparing);
  const verdict = judgeText(text);
  const canSend = verdict === 'ok' || (verdict === 'empty' && attachments.length > 0);

  const latest = useRef(text);
  useEffect(() => {
    latest.current = text;
  }, [text]);

  const leave = useCallback(() => {
    const taken = tray.take();
    setText('');
    setTyping(false);
    keep(text, taken, () => {
      tray.restore(taken);
      setText([text, latest.current].filter(Boolean).join('\n'));
    });
  }, [tray, text, setText, setTyping, keep]);

  useEffect(() => {
    if (!wants || isPreparing) return;
    setWants(false);
    // A picture may have been refused at the end: then the person decides.
    if (canSend && tray.state.get().refusals.length === 0) leave();
  }, [wants, isPreparing, canSend, tray, leave]);

  const submit = () => {
    if (!canSend) return;
    if (isPreparing) setWants(true);
    else leave();
  };
  const type = useCallback(
    (value: string) => {
      setText(value);
      setTyping(value.trim() !== '');
    },
    [setText, setTyping],
  );
  const sendFile = (file: File) => keep('', [{ key: 0, file, category: 'audio', isPreparing: false }], () => undefined);
  return { text, setText: type, tray, isWaiting: wants, submit, sendFile };
}

/** Hands a message to the outbox. If this device cannot keep it, says so and gives it back. */
function useKeeper(conversationId: Id) {
  const { send } = useSendMessage(conversationId);
  const toast = useToast();
  const words = useText();
  return useCallback(
    (content: string, taken: readonly Attachment[], giveBack: () => void) => {
      const sent = taken.length === 0 ? send(content) : send(content, toDraftFiles(taken));
      sent.catch(() => {
        giveBack();
        toast.show({ tone: 'danger', text: words.composer.notKept });
      });
    },
    [send, toast, words],
  );
}

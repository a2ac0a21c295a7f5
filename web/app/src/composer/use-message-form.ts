import type { Id } from '@duologue/client';
import { useClient, useDraft, useStore, useTyping } from '@duologue/react';
import { useCallback, useEffect, useMemo } from 'react';
import { useText } from '../i18n/locale';
import { useToast } from '../ui/toast';
import type { Tray } from './attachments/tray';
import { deskOf } from './desk';
import type { Fault } from './writing';

export interface MessageForm {
  readonly text: string;
  readonly setText: (text: string) => void;
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
  const desk = deskOf(useClient());
  const writing = useMemo(() => desk.find(conversationId), [desk, conversationId]);
  useEffect(() => desk.show(conversationId, writing), [desk, conversationId, writing]);
  const { text: kept } = useDraft(conversationId);
  const typed = useStore(writing.typed);
  const isWaiting = useStore(writing.isWaiting);
  const { setTyping } = useTyping(conversationId);
  const setText = useCallback(
    (value: string) => {
      writing.write(value);
      setTyping(value.trim() !== '');
    },
    [writing, setTyping],
  );
  const toast = useToast();
  const words = useText().composer;
  const tell = (fault: Fault) => toast.show({ tone: 'danger', text: words[fault] });
  return {
    text: typed ?? kept,
    setText,
    tray: writing.tray,
    isWaiting,
    submit: () => writing.submit(tell),
    sendFile: (file) => writing.sendFile(file, tell),
  };
}

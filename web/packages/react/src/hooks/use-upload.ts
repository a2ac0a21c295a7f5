import type { Id, Pending, UploadProgress } from '@duologue/client';
import { useMemo } from 'react';
import { useClient } from '../context.js';
import { useStore } from './use-store.js';

export interface UploadState {
  readonly conversationId: Id;
  readonly state: Pending['state'];
  /** Bytes of all its files. */
  readonly sent: number;
  readonly size: number;
  /** One for each file, in their order. */
  readonly files: readonly UploadProgress[];
}

export interface Uploads {
  /** By the key of the send that carries the files. */
  readonly uploads: ReadonlyMap<string, UploadState>;
  /** Gives the whole send up. */
  readonly cancel: (key: string) => Promise<void>;
}

/** How far the files of pending sends are. */
export function useUpload(): Uploads {
  const { outbox } = useClient();
  const entries = useStore(outbox.entries);
  const uploads = useMemo(
    () => new Map(entries.filter(hasFiles).map((entry) => [entry.key, stateOf(entry)])),
    [entries],
  );
  return { uploads, cancel: outbox.discard };
}

const hasFiles = ({ draft }: Pending): boolean => (draft.files?.length ?? 0) > 0;

function stateOf({ draft, state, uploads }: Pending): UploadState {
  const sum = (part: 'sent' | 'size'): number => uploads.reduce((total, upload) => total + upload[part], 0);
  return { conversationId: draft.conversationId, state, sent: sum('sent'), size: sum('size'), files: uploads };
}

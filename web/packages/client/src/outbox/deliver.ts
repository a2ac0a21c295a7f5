/** One try to send: its files first, then the message, under its key. */

import type { Connection } from '../connection.js';
import { DuologueError } from '../errors.js';
import type { DraftFile, Pending, UploadProgress } from '../model.js';
import type { Rest } from '../rest/rest.js';
import type { Uploads } from '../uploads/create-uploads.js';
import type { Id, SendBody } from '../wire.js';

export interface Ways {
  readonly connection: Pick<Connection, 'ask' | 'status'>;
  readonly send: Rest['messages']['send'];
  readonly upload: Uploads['upload'];
}

export interface Flight {
  readonly signal: AbortSignal;
  readonly onUpload: (index: number, progress: UploadProgress) => void;
}

/** Resolves when the server has the message. Sent twice under its key it is there once. */
export async function deliver(entry: Pending, ways: Ways, flight: Flight): Promise<void> {
  const ids = await uploadAll(entry, ways.upload, flight);
  if (flight.signal.aborted) throw new DuologueError('CANCELLED', 'Not sent');
  const { key, draft } = entry;
  // Without a tempId the fact would not name the send: the message would stand beside the entry.
  const body = { ...bodyOf(entry, ids), tempId: key };
  if (ways.connection.status.get().state === 'polling') {
    await ways.send(draft.conversationId, body, key);
  } else {
    const payload = { ...body, conversationId: draft.conversationId };
    await ways.connection.ask({ type: 'message.send', payload });
  }
}

/** One after the other: together they would only be slower each. */
async function uploadAll(entry: Pending, upload: Uploads['upload'], { signal, onUpload }: Flight): Promise<Id[]> {
  const ids: Id[] = [];
  for (const [index, file] of (entry.draft.files ?? []).entries()) {
    const progress = entry.uploads[index] ?? null;
    const onProgress = (now: UploadProgress): void => onUpload(index, now);
    // biome-ignore lint/performance/noAwaitInLoops: one after the other
    ids.push(await upload(file, { progress, onProgress, signal }));
  }
  return ids;
}

function bodyOf({ draft }: Pending, ids: readonly Id[]): SendBody {
  const content = draft.content === '' ? {} : { content: draft.content };
  if (ids.length === 0) return content;
  return { ...content, type: typeOf(draft.files ?? []), media: ids.map((id) => ({ id })) };
}

/** Of one kind if all its files are. */
function typeOf(files: readonly DraftFile[]): DraftFile['kind'] {
  const [first] = files;
  return first !== undefined && files.every(({ kind }) => kind === first.kind) ? first.kind : 'file';
}

/** A file as it is shown, whether the server has it or it is still on its way there. Pure. */

import type { DraftFile, Media, TimelineItem, UploadProgress } from '@duologue/client';

export interface Shown {
  /** Stays the same when the message arrives: nothing is taken down and built up again. */
  readonly key: string;
  readonly type: Media['type'];
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly mimeType: string;
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Seconds. */
  readonly duration: number | undefined;
  readonly waveform: readonly number[];
  readonly placeholder: string | undefined;
  /** The server's. */
  readonly media?: Media;
  /** Ours, not sent yet. */
  readonly blob?: Blob;
  readonly upload?: UploadProgress;
}

/** The files of a message, in its order. */
export function shownOf(item: TimelineItem): Shown[] {
  if (item.kind === 'message') return item.message.media.map((media, index) => ofMedia(media, `${index}`));
  const { draft, uploads } = item.pending;
  return (draft.files ?? []).map((file, index) => ofDraft(file, index, uploads[index]));
}

export function ofMedia(media: Media, key: string): Shown {
  const { type, originalFilename: name, size, mimeType, width, height, duration, waveform = [], placeholder } = media;
  return { key, type, name, size, mimeType, width, height, duration, waveform, placeholder, media };
}

function ofDraft({ blob, name }: DraftFile, index: number, upload: UploadProgress | undefined): Shown {
  const unknown = { width: undefined, height: undefined, duration: undefined, waveform: [], placeholder: undefined };
  const facts = { key: `${index}`, type: typeOf(blob.type), name, size: blob.size, mimeType: blob.type, blob };
  return { ...facts, ...unknown, ...(upload ? { upload } : {}) };
}

function typeOf(mimeType: string): Media['type'] {
  const [family = ''] = mimeType.split('/');
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'file';
}

const VOICE = /^voice-\d{8}-\d{6}\./;

/** Whether it was recorded here: its name says nothing to anybody then. */
export function isVoice(name: string): boolean {
  return VOICE.test(name);
}

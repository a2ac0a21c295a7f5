/** Which files are taken: by ending and declared type (blobs/kinds.py, the rows of dialect A). The server looks at the bytes too. */

import type { DraftFile } from '@duologue/client';
import { MB } from '../limits';

export type Category = 'image' | 'video' | 'audio' | 'document' | 'archive' | 'data';

export interface Kind {
  readonly category: Category;
  /** As stored. Where a browser declares nothing, the file goes up as this. */
  readonly mediaType: string;
  readonly endings: readonly string[];
  /** Other types that browsers declare for it. */
  readonly declared: readonly string[];
}

/** Bytes of one file. */
export const LIMITS: Readonly<Record<Category, number>> = {
  image: 10 * MB,
  video: 100 * MB,
  audio: 25 * MB,
  document: 50 * MB,
  archive: 50 * MB,
  data: 50 * MB,
};

const UNDECLARED = ['', 'application/octet-stream', 'binary/octet-stream'];
const OFFICE = 'application/vnd.openxmlformats-officedocument.';

function kind(category: Category, mediaType: string, endings: string, declared = ''): Kind {
  return { category, mediaType, endings: endings.split(' '), declared: declared.split(' ').filter(Boolean) };
}

// Video stands before audio, as in the server's table: an undeclared .mp4 or .webm is a video.
const KINDS: readonly Kind[] = [
  kind('image', 'image/jpeg', '.jpg .jpeg', 'image/jpg image/pjpeg'),
  kind('image', 'image/png', '.png', 'image/x-png image/apng'),
  kind('image', 'image/gif', '.gif'),
  kind('image', 'image/webp', '.webp'),
  kind('document', 'application/pdf', '.pdf', 'application/x-pdf'),
  kind('document', 'application/msword', '.doc'),
  kind('document', 'application/vnd.ms-excel', '.xls'),
  kind('document', 'application/vnd.ms-powerpoint', '.ppt'),
  kind('document', `${OFFICE}wordprocessingml.document`, '.docx'),
  kind('document', `${OFFICE}spreadsheetml.sheet`, '.xlsx'),
  kind('document', `${OFFICE}presentationml.presentation`, '.pptx'),
  kind('document', 'text/plain', '.txt'),
  kind('archive', 'application/zip', '.zip', 'application/x-zip-compressed application/x-zip multipart/x-zip'),
  kind('archive', 'application/x-rar-compressed', '.rar', 'application/vnd.rar application/x-rar'),
  kind('archive', 'application/x-7z-compressed', '.7z'),
  kind(
    'data',
    'text/csv',
    '.csv',
    'text/plain text/x-csv application/csv text/comma-separated-values application/vnd.ms-excel',
  ),
  kind('data', 'application/json', '.json', 'text/json text/plain'),
  kind('data', 'application/xml', '.xml', 'text/xml text/plain'),
  kind('video', 'video/mp4', '.mp4 .m4v', 'video/x-m4v'),
  kind('video', 'video/quicktime', '.mov'),
  kind('video', 'video/webm', '.webm'),
  kind('audio', 'audio/mp4', '.m4a .mp4', 'audio/x-m4a audio/m4a audio/mp4a-latm'),
  kind('audio', 'audio/mpeg', '.mp3', 'audio/mp3 audio/x-mp3 audio/x-mpeg'),
  kind('audio', 'audio/ogg', '.ogg .oga .opus', 'audio/opus audio/vorbis application/ogg audio/x-opus+ogg'),
  kind('audio', 'audio/webm', '.webm .weba'),
  kind('audio', 'audio/wav', '.wav', 'audio/x-wav audio/wave audio/vnd.wave'),
];

/** For the file dialog: every ending that is taken. */
export const ACCEPT = [...new Set(KINDS.flatMap((each) => each.endings))].join(',');

/** The last ending in small letters with its dot; empty if there is none. More than 16 characters are no ending. */
export function endingOf(name: string): string {
  const dot = name.lastIndexOf('.');
  const length = name.length - dot - 1;
  return dot < 0 || length === 0 || length > 16 ? '' : name.slice(dot).toLowerCase();
}

/**
 * The kind of a file; null if none is taken. What is declared only decides between two of one ending, as a sound and a
 * video in WebM: browsers guess it from the ending, and not always as the server would.
 */
export function kindOf(name: string, declared: string): Kind | null {
  const ending = endingOf(name);
  const named = KINDS.filter((each) => each.endings.includes(ending));
  return named.find((each) => isDeclaredAs(each, declared)) ?? named[0] ?? null;
}

/** Whether the server would take this declared type for this kind; parameters such as codecs do not count. */
export function isDeclaredAs(wanted: Kind, declared: string): boolean {
  const said = (declared.split(';')[0] ?? '').trim().toLowerCase();
  return UNDECLARED.includes(said) || said === wanted.mediaType || wanted.declared.includes(said);
}

/** What a message of such a file alone is sent as. */
export function sentAs(category: Category): DraftFile['kind'] {
  return category === 'image' || category === 'video' ? category : 'file';
}

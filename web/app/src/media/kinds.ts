/** What a file of a message is shown as. Pure. */

/** In the order of the message: images and videos share the grid. */
export function sortMedia<T extends { readonly type: 'image' | 'video' | 'audio' | 'file' }>(media: readonly T[]) {
  return {
    visual: media.filter(({ type }) => type === 'image' || type === 'video'),
    sounds: media.filter(({ type }) => type === 'audio'),
    files: media.filter(({ type }) => type === 'file'),
  };
}

export type Sort = 'pdf' | 'text' | 'table' | 'slides' | 'archive' | 'data' | 'image' | 'video' | 'audio' | 'other';

const SORTS: ReadonlyArray<readonly [Sort, RegExp]> = [
  ['pdf', /^\.pdf$/],
  ['text', /^\.(docx?|txt)$/],
  ['table', /^\.(xlsx?|csv)$/],
  ['slides', /^\.pptx?$/],
  ['archive', /^\.(zip|rar|7z)$/],
  ['data', /^\.(json|xml)$/],
  ['image', /^\.(jpe?g|png|gif|webp)$/],
  ['video', /^\.(mp4|m4v|mov|webm)$/],
  ['audio', /^\.(m4a|mp3|ogg|oga|opus|weba|wav)$/],
];

const ENDING = /\.[^.]+$/;

/** By the ending of a name: which icon stands for it. */
export function sortOf(name: string): Sort {
  const ending = ENDING.exec(name.toLowerCase())?.[0] ?? '';
  return SORTS.find(([, endings]) => endings.test(ending))?.[0] ?? 'other';
}

/** Files out of what was dropped or pasted. */

/** What may be dropped: files alone, no text and no picture dragged from the page itself. */
export function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}

export interface Taken {
  readonly files: File[];
  /** Names of folders, which cannot be sent. */
  readonly folders: string[];
}

/** Read at once: after the event the browser empties it. */
export function takeFiles(data: DataTransfer): Taken {
  const files: File[] = [];
  const folders: string[] = [];
  for (const item of data.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry?.isDirectory) folders.push(entry.name);
    else if (file) files.push(file);
  }
  return { files, folders };
}

/**
 * Files of a paste; none if there is text too: Office and web pages put a picture of the text beside it. A picture that
 * comes without a name of its own gets one with the time.
 */
export function pastedFiles(data: DataTransfer, now: Date): File[] {
  if (!hasFiles(data) || data.types.includes('text/plain')) return [];
  return takeFiles(data).files.map((file) => (file.name === 'image.png' ? named(file, now) : file));
}

function named(file: File, now: Date): File {
  return new File([file], `picture-${stampOf(now)}.png`, { type: file.type, lastModified: file.lastModified });
}

/** `20261121-093005` in the device's time zone: for names. */
export function stampOf(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

/** Large pictures cut down to 1920 pixels in the browser: less to send, and what the camera noted of them stays on the device. The server removes it from all. */

import { headOf, isAnimated, mayShrink, shouldShrink, targetSize } from './shrink';

const QUALITY = 0.85;

/** A smaller picture of the same type, upright; the file itself if that gains nothing or cannot be done. Never rejects. */
export async function shrinkImage(file: File): Promise<File> {
  if (!mayShrink(file.type, file.size)) return file;
  try {
    if (isAnimated(new Uint8Array(await headOf(file).arrayBuffer()))) return file;
    return (await redraw(file)) ?? file;
  } catch {
    // Not decodable here: the server judges it.
    return file;
  }
}

async function redraw(file: File): Promise<File | null> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    if (!shouldShrink(bitmap.width, bitmap.height, file.size)) return null;
    const blob = await draw(bitmap, file.type);
    // Safari writes PNG where it was asked for WebP: then the ending would lie.
    if (!blob || blob.type !== file.type || blob.size >= file.size) return null;
    return new File([blob], file.name, { type: blob.type, lastModified: file.lastModified });
  } finally {
    bitmap.close();
  }
}

function draw(bitmap: ImageBitmap, type: string): Promise<Blob | null> {
  const { width, height } = targetSize(bitmap.width, bitmap.height);
  if (typeof OffscreenCanvas === 'function') {
    const canvas = new OffscreenCanvas(width, height);
    paint(canvas.getContext('2d'), bitmap, width, height);
    return canvas.convertToBlob({ type, quality: QUALITY });
  }
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  paint(canvas.getContext('2d'), bitmap, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
}

function paint(
  context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | null,
  bitmap: ImageBitmap,
  width: number,
  height: number,
): void {
  if (!context) throw new Error('No canvas to draw on');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
}

import { decode } from 'blurhash';
import { useLayoutEffect, useRef } from 'react';
import styles from './picture.module.css';

/** Pixels; the browser makes it large and soft. */
const SIZE = 24;

/** The BlurHash that the server made of a picture, in its place until it comes. */
export function Blur({ hash }: { readonly hash: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    const pixels = pixelsOf(hash);
    if (!(context && pixels)) return;
    const image = context.createImageData(SIZE, SIZE);
    image.data.set(pixels);
    context.putImageData(image, 0, 0);
  }, [hash]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus
  return <canvas ref={canvas} width={SIZE} height={SIZE} className={styles.blur} aria-hidden="true" />;
}

function pixelsOf(hash: string): Uint8ClampedArray | null {
  try {
    return decode(hash, SIZE, SIZE);
  } catch {
    // Not a BlurHash: the plain ground will do.
    return null;
  }
}

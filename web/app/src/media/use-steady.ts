import { useState } from 'react';

/** The first address there is, until another attempt: a fresh link in the middle would start a sound or a video from the beginning. */
export function useSteady(url: string | undefined, attempt: number): string | undefined {
  const [steady, setSteady] = useState({ url, attempt });
  if (url !== undefined && (steady.url === undefined || steady.attempt !== attempt)) {
    setSteady({ url, attempt });
    return url;
  }
  return steady.attempt === attempt ? steady.url : undefined;
}

import { useFileUrl } from '@duologue/react';
import { useCallback, useEffect, useState } from 'react';
import type { Shown } from './shown';
import { useObjectUrl } from './use-object-url';

export interface Source {
  readonly url: string | undefined;
  /** `loading` until the element says otherwise. */
  readonly state: 'loading' | 'loaded' | 'broken';
  /** Changes with each try: as the element's key it makes the browser ask again. */
  readonly attempt: number;
  readonly onLoaded: () => void;
  readonly onBroken: () => void;
  readonly retry: () => void;
}

/**
 * Where a file is loaded from, once it is wanted. What was sent from here is shown from here, also when its message has arrived: nothing
 * flickers, stops or is loaded again. The first failure asks for another link by itself: links expire.
 */
export function useSource(shown: Shown, part: 'file' | 'thumbnail', isWanted: boolean): Source {
  const { media } = shown;
  const [attempt, setAttempt] = useState(0);
  const blob = useFirst(shown.blob);
  const isLocal = blob !== undefined && (media === undefined || (part === 'file' && attempt === 0));
  const local = useObjectUrl(isWanted && isLocal ? blob : undefined);
  const remote = useFileUrl(
    isWanted && !isLocal ? media : undefined,
    part === 'thumbnail' && media?.thumbnailUrl ? part : undefined,
  );
  const { refresh, error } = remote;
  const last = useLast(local ?? remote.url);
  const hasFailedHere = blob !== undefined && media !== undefined && attempt > 0;
  const url = hasFailedHere ? remote.url : last;
  const [state, setState] = useState<Source['state']>('loading');
  useEffect(() => {
    if (error && url === undefined) setState('broken');
  }, [error, url]);
  const retry = useCallback(() => {
    setState('loading');
    const again = isLocal ? Promise.resolve() : refresh();
    again.then(
      () => setAttempt((before) => before + 1),
      () => setState('broken'),
    );
  }, [refresh, isLocal]);
  const onBroken = useCallback(() => {
    if (attempt === 0 && media) retry();
    else setState('broken');
  }, [attempt, media, retry]);
  const onLoaded = useCallback(() => setState('loaded'), []);
  return { url, state, attempt, onLoaded, onBroken, retry };
}

function useFirst<T>(value: T | undefined): T | undefined {
  const [first, setFirst] = useState(value);
  if (first === undefined && value !== undefined) setFirst(value);
  return first ?? value;
}

function useLast(url: string | undefined): string | undefined {
  const [last, setLast] = useState(url);
  if (url !== undefined && url !== last) setLast(url);
  return url ?? last;
}

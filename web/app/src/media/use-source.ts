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
 * Where a file is loaded from, once it is wanted. The first failure asks for another link by itself: links expire. The last address
 * is kept until there is a new one, so that what was on the screen stays there when a message arrives.
 */
export function useSource(shown: Shown, part: 'file' | 'thumbnail', isWanted: boolean): Source {
  const { media, blob } = shown;
  const local = useObjectUrl(isWanted ? blob : undefined);
  const remote = useFileUrl(
    isWanted ? media : undefined,
    part === 'thumbnail' && media?.thumbnailUrl ? part : undefined,
  );
  const { refresh, error } = remote;
  const url = useLast(local ?? remote.url);
  const [state, setState] = useState<Source['state']>('loading');
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (error && url === undefined) setState('broken');
  }, [error, url]);
  const retry = useCallback(() => {
    setState('loading');
    refresh().then(
      () => setAttempt((before) => before + 1),
      () => setState('broken'),
    );
  }, [refresh]);
  const onBroken = useCallback(() => {
    if (attempt === 0 && media) retry();
    else setState('broken');
  }, [attempt, media, retry]);
  const onLoaded = useCallback(() => setState('loaded'), []);
  return { url, state, attempt, onLoaded, onBroken, retry };
}

function useLast(url: string | undefined): string | undefined {
  const [last, setLast] = useState(url);
  if (url !== undefined && url !== last) setLast(url);
  return url ?? last;
}

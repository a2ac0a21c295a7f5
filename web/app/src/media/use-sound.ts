import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { leaveFloor, takeFloor } from './sound';

export const SPEEDS: readonly number[] = [1, 1.5, 2];

export interface Sound {
  readonly isPlaying: boolean;
  /** Seconds. */
  readonly at: number;
  readonly length: number;
  readonly speed: number;
  readonly toggle: () => void;
  readonly seek: (seconds: number) => void;
  readonly changeSpeed: () => void;
}

type Audio = RefObject<HTMLAudioElement | null>;

/** Another attempt is another element, another address another file. */
interface From {
  readonly url: string | undefined;
  readonly attempt: number;
}

/** What an `<audio>` does, as state. `known`: its length as the server says, before anything of it is loaded. */
export function useSound(audio: Audio, from: From, known: number | undefined): Sound {
  const { isPlaying, at, setAt, measured } = usePlayback(audio, from);
  const { speed, changeSpeed } = useSpeed(audio, from);
  const toggle = useCallback(() => {
    const element = audio.current;
    if (!element) return;
    if (element.paused) play(element);
    else element.pause();
  }, [audio]);
  const seek = (seconds: number) => {
    if (audio.current) audio.current.currentTime = seconds;
    setAt(seconds);
  };
  return { isPlaying, at, length: measured ?? known ?? 0, speed, toggle, seek, changeSpeed };
}

/** What plays goes on when its address changes: a press on a link that had expired is still a press. */
function usePlayback(audio: Audio, { url, attempt }: From) {
  const [isPlaying, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [measured, setMeasured] = useState<number>();
  const wanted = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another element
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    const change = (now: boolean) => {
      wanted.current = now;
      setPlaying(now);
    };
    const stop = listen(element, {
      play: () => {
        takeFloor(element);
        change(true);
      },
      pause: () => {
        leaveFloor(element);
        change(false);
      },
      timeupdate: () => setAt(element.currentTime),
      // A recording of the browser's own does not know how long it is.
      durationchange: () => setMeasured(Number.isFinite(element.duration) ? element.duration : undefined),
      ended: () => {
        element.currentTime = 0;
      },
    });
    if (wanted.current && url !== undefined) play(element);
    return () => {
      stop();
      element.pause();
      leaveFloor(element);
    };
  }, [audio, url, attempt]);
  return { isPlaying, at, setAt, measured };
}

function useSpeed(audio: Audio, { attempt }: From) {
  const [speed, setSpeed] = useState(1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another element
  useEffect(() => {
    if (!audio.current) return;
    audio.current.playbackRate = speed;
    audio.current.defaultPlaybackRate = speed;
  }, [audio, attempt, speed]);
  const changeSpeed = () => setSpeed(SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1);
  return { speed, changeSpeed };
}

function listen(element: HTMLElement, listeners: Readonly<Record<string, () => void>>): () => void {
  const end = new AbortController();
  for (const [type, listener] of Object.entries(listeners))
    element.addEventListener(type, listener, { signal: end.signal });
  return () => end.abort();
}

function play(element: HTMLAudioElement): void {
  // What cannot be played says so by its own event.
  element.play().catch(() => undefined);
}

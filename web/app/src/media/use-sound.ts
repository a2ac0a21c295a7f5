import { type RefObject, useCallback, useEffect, useState } from 'react';
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

/** What an `<audio>` does, as state. `known`: its length as the server says, before anything of it is loaded. */
export function useSound(
  audio: RefObject<HTMLAudioElement | null>,
  url: string | undefined,
  known: number | undefined,
): Sound {
  const [isPlaying, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [measured, setMeasured] = useState<number>();
  const [speed, setSpeed] = useState(1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address is another element
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    const stop = new AbortController();
    const on = (type: string, listener: () => void) =>
      element.addEventListener(type, listener, { signal: stop.signal });
    on('play', () => {
      takeFloor(element);
      setPlaying(true);
    });
    on('pause', () => {
      leaveFloor(element);
      setPlaying(false);
    });
    on('timeupdate', () => setAt(element.currentTime));
    // A recording of the browser's own does not know how long it is.
    on('durationchange', () => setMeasured(Number.isFinite(element.duration) ? element.duration : undefined));
    on('ended', () => {
      element.currentTime = 0;
    });
    return () => {
      stop.abort();
      element.pause();
      leaveFloor(element);
    };
  }, [audio, url]);
  const toggle = useCallback(() => {
    const element = audio.current;
    if (!element) return;
    if (!element.paused) element.pause();
    // What cannot be played says so by its own event.
    else element.play().catch(() => undefined);
  }, [audio]);
  const seek = (seconds: number) => {
    if (audio.current) audio.current.currentTime = seconds;
    setAt(seconds);
  };
  const changeSpeed = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
    setSpeed(next);
    if (audio.current) {
      audio.current.playbackRate = next;
      audio.current.defaultPlaybackRate = next;
    }
  };
  return { isPlaying, at, length: measured ?? known ?? 0, speed, toggle, seek, changeSpeed };
}

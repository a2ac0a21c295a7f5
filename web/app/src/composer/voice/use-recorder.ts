import { useEffect, useRef, useState } from 'react';
import { silence } from '../../media/sound';
import { faultOf, type Recording, type RecordingFault, startRecording } from './recording';

export const BARS = 48;
/** Seconds that a voice message can be long. */
export const LONGEST = 30 * 60;
const TICK_MS = 100;

export type RecorderState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'fault'; readonly fault: RecordingFault }
  /** `seconds` so far; `levels` the newest last, 0 to 100. */
  | { readonly kind: 'recording'; readonly seconds: number; readonly levels: readonly number[] }
  | { readonly kind: 'full'; readonly seconds: number; readonly levels: readonly number[] };

export interface Recorder {
  readonly state: RecorderState;
  readonly retry: () => void;
  /** What was recorded; null if there is nothing. */
  readonly finish: () => Promise<File | null>;
}

/** Records while mounted; going away throws it away. */
export function useRecorder(): Recorder {
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<RecorderState>({ kind: 'starting' });
  const held = useRef<Recording | Promise<File> | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt starts anew
  useEffect(() => {
    const run = new AbortController();
    silence();
    setState({ kind: 'starting' });
    startRecording().then(
      (recording) => {
        if (run.signal.aborted) recording.discard();
        else {
          held.current = recording;
          watch(recording, setState, held, run.signal);
        }
      },
      (error) => {
        if (!run.signal.aborted) setState({ kind: 'fault', fault: faultOf(error) });
      },
    );
    return () => {
      run.abort();
      if (held.current && 'discard' in held.current) held.current.discard();
      held.current = null;
    };
  }, [attempt]);
  const finish = (): Promise<File | null> => {
    const now = held.current;
    held.current = null;
    if (now === null) return Promise.resolve(null);
    return 'finish' in now ? now.finish() : now;
  };
  return { state, retry: () => setAttempt((before) => before + 1), finish };
}

/** Time and loudness, ten times a second; ends the recording when it is full. */
function watch(
  recording: Recording,
  setState: (state: RecorderState) => void,
  held: { current: Recording | Promise<File> | null },
  signal: AbortSignal,
): void {
  const start = performance.now();
  let levels: number[] = [];
  const tick = () => {
    const seconds = (performance.now() - start) / 1000;
    levels = [...levels, recording.level()].slice(-BARS);
    if (held.current !== recording || seconds < LONGEST) {
      setState({ kind: 'recording', seconds, levels });
      return;
    }
    held.current = recording.finish();
    clearInterval(timer);
    setState({ kind: 'full', seconds, levels });
  };
  const timer = setInterval(tick, TICK_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  tick();
}

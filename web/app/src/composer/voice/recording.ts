/** A recording from the microphone, from asking for it to a file. */

import { stampOf } from '../attachments/transfer';

export interface Recording {
  /** How loud it is now, 0 to 100. */
  readonly level: () => number;
  /** Ends it; resolves with the file. */
  readonly finish: () => Promise<File>;
  /** Ends it, and forgets what was recorded. */
  readonly discard: () => void;
}

export type RecordingFault = 'denied' | 'missing' | 'failed';

const FORMATS = [
  { type: 'audio/webm;codecs=opus', ending: 'webm' },
  { type: 'audio/mp4', ending: 'm4a' },
  { type: 'audio/ogg;codecs=opus', ending: 'ogg' },
] as const;
/** Of a voice: half an hour is 10 MB. */
const BITS_PER_SECOND = 48_000;

/** Why it did not start, for words. */
export function faultOf(error: unknown): RecordingFault {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'failed';
}

/** Asks for the microphone and records at once. Rejects with a DOMException if it may not or cannot. */
export async function startRecording(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
  try {
    return record(stream);
  } catch (error) {
    release(stream);
    throw error;
  }
}

function record(stream: MediaStream): Recording {
  const format = FORMATS.find(({ type }) => MediaRecorder.isTypeSupported(type)) ?? FORMATS[0];
  const recorder = new MediaRecorder(stream, { mimeType: format.type, audioBitsPerSecond: BITS_PER_SECOND });
  const meter = meterOf(stream);
  const parts: Blob[] = [];
  const startedAt = new Date();
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  recorder.start(1000);
  const end = () => {
    meter.close();
    release(stream);
  };
  return {
    level: meter.level,
    finish: async () => {
      await stopped(recorder);
      end();
      const type = format.type.split(';')[0] ?? format.type;
      return new File(parts, `voice-${stampOf(startedAt)}.${format.ending}`, { type });
    },
    discard: () => {
      if (recorder.state !== 'inactive') recorder.stop();
      end();
    },
  };
}

function stopped(recorder: MediaRecorder): Promise<void> {
  if (recorder.state === 'inactive') return Promise.resolve();
  return new Promise((resolve) => {
    recorder.addEventListener('stop', () => resolve(), { once: true });
    recorder.stop();
  });
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function meterOf(stream: MediaStream): { level: () => number; close: () => void } {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    level: () => {
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    },
    close: () => {
      context.close().catch(() => undefined);
    },
  };
}

/** Samples from -1 to 1 as 0 to 100: quiet speech already shows, as the ear hears it. */
export function loudness(samples: Float32Array): number {
  const sum = samples.reduce((total, sample) => total + sample * sample, 0);
  const decibels = 20 * Math.log10(Math.sqrt(sum / Math.max(1, samples.length)) + 1e-6);
  return Math.round(Math.min(100, Math.max(0, ((decibels + 54) / 48) * 100)));
}

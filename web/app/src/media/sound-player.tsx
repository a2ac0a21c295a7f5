import Pause from 'lucide-react/icons/pause';
import Play from 'lucide-react/icons/play';
import { useId, useRef } from 'react';
import { useLocale, useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { IconButton } from '../ui/icon-button';
import { DownloadLink } from './download-link';
import { isVoice, type Shown } from './shown';
import styles from './sound-player.module.css';
import { UploadBar } from './upload-bar';
import { useNear } from './use-near';
import { type Sound, useSound } from './use-sound';
import { useSource } from './use-source';
import { useSteady } from './use-steady';
import { BOX, toBars } from './waveform';

const BARS = 40;

/** A voice message or another sound. Nothing of it is loaded before it is played. */
export function SoundPlayer({ shown }: { readonly shown: Shown }) {
  const text = useText();
  const frame = useRef<HTMLFieldSetElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const source = useSource(shown, 'file', useNear(frame));
  const url = useSteady(source.url, source.attempt);
  const sound = useSound(audio, { url, attempt: source.attempt }, shown.duration);
  const name = isVoice(shown.name) ? text.media.sound.voice : shown.name;
  const isBroken = source.state === 'broken';
  return (
    <fieldset ref={frame} className={styles.player} aria-label={name}>
      {/* biome-ignore lint/a11y/useMediaCaption: what people say comes without captions */}
      <audio
        key={source.attempt}
        ref={audio}
        src={url}
        preload="none"
        onLoadedMetadata={source.onLoaded}
        onError={source.onBroken}
      />
      <IconButton
        variant="solid"
        tooltip="none"
        className={styles.toggle}
        label={sound.isPlaying ? text.media.sound.pause(name) : text.media.sound.play(name)}
        icon={sound.isPlaying ? <Pause /> : <Play />}
        aria-disabled={url === undefined || isBroken}
        onClick={sound.toggle}
      />
      <div className={styles.middle}>
        {isVoice(shown.name) ? null : <bdi className={styles.name}>{name}</bdi>}
        {isBroken ? (
          <p className={styles.broken}>
            {text.media.broken}{' '}
            <Button size="small" onClick={source.retry}>
              {text.ui.retry}
            </Button>
          </p>
        ) : (
          <Track shown={shown} sound={sound} name={name} />
        )}
      </div>
      {shown.media && !isVoice(shown.name) ? <DownloadLink media={shown.media} name={shown.name} /> : null}
      <UploadBar shown={shown} />
    </fieldset>
  );
}

interface TrackProps {
  readonly shown: Shown;
  readonly sound: Sound;
  readonly name: string;
}

/** The waveform with a slider over it, the time, and the speed. Time runs from left to right in every language. */
function Track({ shown, sound, name }: TrackProps) {
  const text = useText().media.sound;
  const { formats } = useLocale();
  const { at, length, speed } = sound;
  const share = length > 0 ? Math.min(1, at / length) : 0;
  const hasBegun = sound.isPlaying || at > 0;
  const [now, whole] = [formats.duration(at), formats.duration(length)];
  const shownTime = hasBegun ? now : whole;
  return (
    <>
      <div className={styles.track} dir="ltr">
        <Waveform peaks={shown.waveform} share={share} />
        <input
          type="range"
          className={styles.slider}
          min={0}
          max={Math.max(length, 0.1)}
          step={0.1}
          value={Math.min(at, Math.max(length, 0.1))}
          aria-label={text.position(name)}
          aria-valuetext={text.at(now, whole)}
          onChange={(event) => sound.seek(event.currentTarget.valueAsNumber)}
          onKeyDown={(event) => {
            // The thread's arrows go from message to message.
            event.stopPropagation();
            const step = stepOf(event.key);
            if (step === 0) return;
            event.preventDefault();
            sound.seek(Math.min(length, Math.max(0, at + step)));
          }}
        />
      </div>
      <div className={styles.foot}>
        <span data-figures="">{shownTime}</span>
        <button
          type="button"
          className={styles.speed}
          aria-label={text.speed(formats.number(speed))}
          onClick={sound.changeSpeed}
        >
          {formats.number(speed)}×
        </button>
      </div>
    </>
  );
}

/** Seconds that a key moves; the browser's own step would be too small to get anywhere. */
function stepOf(key: string): number {
  if (key === 'ArrowRight' || key === 'ArrowUp') return 2;
  if (key === 'ArrowLeft' || key === 'ArrowDown') return -2;
  if (key === 'PageUp') return 15;
  return key === 'PageDown' ? -15 : 0;
}

function Waveform({ peaks, share }: { readonly peaks: readonly number[]; readonly share: number }) {
  const { path, width } = toBars(peaks, BARS);
  const id = useId();
  return (
    <svg className={styles.waveform} viewBox={`0 0 ${width} ${BOX}`} preserveAspectRatio="none" aria-hidden="true">
      <clipPath id={id}>
        <rect width={width * share} height={BOX} />
      </clipPath>
      <path d={path} />
      <path d={path} className={styles.played} clipPath={`url(#${id})`} />
    </svg>
  );
}

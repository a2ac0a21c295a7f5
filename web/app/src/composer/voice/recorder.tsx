import Mic from 'lucide-react/icons/mic';
import SendHorizontal from 'lucide-react/icons/send-horizontal';
import Trash2 from 'lucide-react/icons/trash-2';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useLocale, useText } from '../../i18n/locale';
import { BOX, toBars } from '../../media/waveform';
import { Button } from '../../ui/button';
import { IconButton } from '../../ui/icon-button';
import { VisuallyHidden } from '../../ui/visually-hidden';
import styles from './recorder.module.css';
import { BARS, type RecorderState, useRecorder } from './use-recorder';

interface RecorderProps {
  /** It is over; with what is to be sent, or without. */
  readonly onEnd: (file?: File) => void;
}

/** Takes the place of the message field while a voice message is recorded. Escape throws it away. */
export default function Recorder({ onEnd }: RecorderProps) {
  const text = useText();
  const { state, retry, finish } = useRecorder();
  const discard = useRef<HTMLButtonElement>(null);
  useEffect(() => discard.current?.focus(), []);
  const send = async () => {
    const file = await finish();
    if (file) onEnd(file);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onEnd();
  };
  const isRunning = state.kind === 'recording' || state.kind === 'full';
  return (
    <fieldset className={styles.recorder} aria-label={text.composer.record} onKeyDown={press}>
      <IconButton
        ref={discard}
        variant="danger"
        tooltip="top"
        tooltipAlign="start"
        label={text.composer.voice.discard}
        icon={<Trash2 />}
        onClick={() => onEnd()}
      />
      <Said state={state} />
      {isRunning ? <Meter state={state} /> : null}
      {state.kind === 'fault' ? (
        <Button size="small" onClick={retry}>
          {text.ui.retry}
        </Button>
      ) : (
        <IconButton
          variant="solid"
          tooltip="top"
          tooltipAlign="end"
          label={text.composer.voice.send}
          icon={<SendHorizontal className={styles.directed} />}
          aria-disabled={!isRunning}
          onClick={send}
        />
      )}
    </fieldset>
  );
}

/** What a screen reader hears, once for each state; what needs words is shown too. */
function Said({ state }: { readonly state: RecorderState }) {
  const text = useText().composer.voice;
  if (state.kind === 'recording') return <VisuallyHidden role="status">{text.recording}</VisuallyHidden>;
  return (
    <p role="status" className={styles.said}>
      {state.kind === 'starting' ? <Mic aria-hidden="true" /> : null}
      {state.kind === 'fault' ? text[state.fault] : text[state.kind]}
    </p>
  );
}

interface MeterProps {
  readonly state: RecorderState & { readonly kind: 'recording' | 'full' };
}

/** The last five seconds as bars, the newest at the end, and the time. */
function Meter({ state }: MeterProps) {
  const { formats } = useLocale();
  const silent = Array.from({ length: BARS - state.levels.length }, () => 0);
  const { path, width } = toBars([...silent, ...state.levels], BARS);
  return (
    <>
      <span className={styles.dot} data-on={state.kind === 'recording'} aria-hidden="true" />
      <span className={styles.time} data-figures="">
        {formats.duration(state.seconds)}
      </span>
      <svg className={styles.meter} viewBox={`0 0 ${width} ${BOX}`} preserveAspectRatio="none" aria-hidden="true">
        <path d={path} />
      </svg>
    </>
  );
}

import ChevronLeft from 'lucide-react/icons/chevron-left';
import ChevronRight from 'lucide-react/icons/chevron-right';
import MessageSquareText from 'lucide-react/icons/message-square-text';
import X from 'lucide-react/icons/x';
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { useLocale, useText } from '../i18n/locale';
import { useModal } from '../ui/dialog';
import { IconButton } from '../ui/icon-button';
import { DownloadLink } from './download-link';
import styles from './lightbox.module.css';
import { Stage } from './lightbox-stage';
import type { Shown } from './shown';

interface LightboxProps {
  readonly items: readonly Shown[];
  /** Which one is shown first. */
  readonly start: number;
  readonly onClose: () => void;
  /** Offers to show the message of one; closes itself then. */
  readonly onJump?: (index: number) => void;
}

/** One picture or video after the other, as large as the screen. Arrows step, Escape closes, the focus returns. */
export default function Lightbox({ items, start, onClose, onJump }: LightboxProps) {
  const text = useText();
  const { direction } = useLocale();
  const dialog = useModal();
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  const [at, setAt] = useState(start);
  const shown = items[at];
  const step = (by: -1 | 1) => setAt((now) => Math.min(items.length - 1, Math.max(0, now + by)));
  const forward = direction === 'ltr' ? 1 : -1;
  const press = (event: KeyboardEvent) => {
    // The conversation behind has keys of its own.
    event.stopPropagation();
    // A video's own keys move in the video.
    if (event.target instanceof HTMLVideoElement) return;
    if (event.key === 'ArrowRight') step(forward);
    if (event.key === 'ArrowLeft') step(forward === 1 ? -1 : 1);
  };
  if (!shown) return null;
  return (
    <dialog
      ref={dialog}
      className={styles.lightbox}
      aria-label={text.media.lightbox.title}
      onKeyDown={press}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <Bar
        shown={shown}
        place={items.length > 1 ? text.media.lightbox.place(at + 1, items.length) : null}
        close={close}
        onClose={onClose}
        onJump={onJump && (() => onJump(at))}
      />
      <Stage
        key={`${at}`}
        shown={shown}
        onStep={(by) => step(by === 1 ? forward : forward === 1 ? -1 : 1)}
        onVeil={onClose}
      />
      {items.length > 1 ? <Steps at={at} count={items.length} onStep={step} /> : null}
    </dialog>
  );
}

interface BarProps {
  readonly shown: Shown;
  /** Which one of how many, in words. */
  readonly place: string | null;
  readonly close: RefObject<HTMLButtonElement | null>;
  readonly onClose: () => void;
  readonly onJump: (() => void) | undefined;
}

/** Its name, and what can be done with it. */
function Bar({ shown, place, close, onClose, onJump }: BarProps) {
  const text = useText();
  return (
    <header className={styles.bar}>
      <p className={styles.title} aria-live="polite">
        <bdi className={styles.name}>{shown.name}</bdi>
        {place === null ? null : <span data-figures="">{place}</span>}
      </p>
      {onJump ? (
        <IconButton
          label={text.media.galleries.jump}
          icon={<MessageSquareText />}
          tooltipAlign="end"
          onClick={() => {
            onClose();
            onJump();
          }}
        />
      ) : null}
      {shown.media ? <DownloadLink media={shown.media} name={shown.name} /> : null}
      <IconButton ref={close} label={text.ui.close} icon={<X />} tooltip="none" tooltipAlign="end" onClick={onClose} />
    </header>
  );
}

interface StepsProps {
  readonly at: number;
  readonly count: number;
  readonly onStep: (by: -1 | 1) => void;
}

function Steps({ at, count, onStep }: StepsProps) {
  const text = useText().media.lightbox;
  return (
    <>
      <IconButton
        className={styles.previous}
        tooltip="none"
        label={text.previous}
        icon={<ChevronLeft className={styles.directed} />}
        aria-disabled={at === 0}
        onClick={() => onStep(-1)}
      />
      <IconButton
        className={styles.next}
        tooltip="none"
        label={text.next}
        icon={<ChevronRight className={styles.directed} />}
        aria-disabled={at === count - 1}
        onClick={() => onStep(1)}
      />
    </>
  );
}

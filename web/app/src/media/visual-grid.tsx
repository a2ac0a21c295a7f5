import Play from 'lucide-react/icons/play';
import { Suspense, useRef, useState } from 'react';
import { useLocale, useText } from '../i18n/locale';
import { loadPart } from '../ui/load-part';
import { isThumbnailEnough, layOut } from './layout';
import { Broken, Picture } from './picture';
import type { Shown } from './shown';
import { UploadBar } from './upload-bar';
import { useNear } from './use-near';
import { useSource } from './use-source';
import styles from './visual-grid.module.css';

const Lightbox = loadPart(async () => (await import('./lightbox')).default);
const VideoPlayer = loadPart(async () => (await import('./video-player')).VideoPlayer);
/** What a lone picture may be high, in rem. */
const HIGHEST = 22;

/** Images and videos of a message, each with the room it will need; a press opens them large. A lone video plays in its place. */
export function VisualGrid({ items }: { readonly items: readonly Shown[] }) {
  const [open, setOpen] = useState<number | null>(null);
  const { ratio, columns, rows, areas, hidden } = layOut(items);
  const [only] = items.length === 1 ? items : [];
  const style = {
    aspectRatio: ratio,
    gridTemplateColumns: columns,
    gridTemplateRows: rows,
    maxInlineSize: `${Math.round(ratio * HIGHEST * 100) / 100}rem`,
  };
  return (
    <div className={styles.grid} style={style}>
      {only?.type === 'video' ? (
        <Suspense>
          <VideoPlayer shown={only} />
        </Suspense>
      ) : (
        items
          .slice(0, areas.length)
          .map((shown, index) => (
            <Cell
              key={shown.key}
              shown={shown}
              area={areas[index]}
              isWhole={!isThumbnailEnough(items)}
              more={index === areas.length - 1 ? hidden : 0}
              onOpen={() => setOpen(index)}
            />
          ))
      )}
      {open === null ? null : (
        <Suspense fallback={null}>
          <Lightbox items={items} start={open} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </div>
  );
}

interface CellProps {
  readonly shown: Shown;
  readonly area: string | undefined;
  /** Wants more pixels than the thumbnail has. */
  readonly isWhole: boolean;
  /** How many stand behind this one. */
  readonly more: number;
  readonly onOpen: () => void;
}

function Cell({ shown, area, isWhole, more, onOpen }: CellProps) {
  const text = useText().media;
  const frame = useRef<HTMLDivElement>(null);
  const isNear = useNear(frame);
  const source = useSource(
    shown,
    partOf(shown, isWhole),
    isNear && (shown.type === 'image' || shown.media !== undefined),
  );
  const what = shown.type === 'video' ? text.video(shown.name) : text.picture(shown.name);
  return (
    <div ref={frame} className={styles.cell} style={{ gridArea: area }}>
      {source.state === 'broken' ? (
        <Broken source={source} />
      ) : (
        <button
          type="button"
          className={styles.open}
          aria-label={more > 0 ? text.openMore(what, more) : text.open(what)}
          onClick={onOpen}
        >
          <Picture shown={shown} source={source} alt="" />
          {shown.type === 'video' ? <VideoMark duration={shown.duration} /> : null}
          {more > 0 ? <span className={styles.more}>+{more}</span> : null}
        </button>
      )}
      <UploadBar shown={shown} />
    </div>
  );
}

/** Moving pictures stand still for who wants less motion, until they are opened. */
function partOf({ type, mimeType, media }: Shown, isWhole: boolean): 'file' | 'thumbnail' {
  if (type === 'video') return 'thumbnail';
  const isStill = mimeType === 'image/gif' && window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  return media?.thumbnailUrl && (isStill || !isWhole) ? 'thumbnail' : 'file';
}

export function VideoMark({ duration }: { readonly duration: number | undefined }) {
  const { formats } = useLocale();
  return (
    <span className={styles.mark} aria-hidden="true">
      <Play />
      {duration === undefined ? null : <span data-figures="">{formats.duration(duration)}</span>}
    </span>
  );
}

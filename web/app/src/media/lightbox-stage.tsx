import ZoomIn from 'lucide-react/icons/zoom-in';
import ZoomOut from 'lucide-react/icons/zoom-out';
import { useRef } from 'react';
import { useText } from '../i18n/locale';
import { IconButton } from '../ui/icon-button';
import { Spinner } from '../ui/spinner';
import styles from './lightbox.module.css';
import { Broken } from './picture';
import type { Shown } from './shown';
import { useSource } from './use-source';
import { useZoom, type Zoom } from './use-zoom';
import { Video } from './video-player';

interface StageProps {
  readonly shown: Shown;
  /** A swipe: 1 to the left, which is on to the next where one reads from left to right. */
  readonly onStep: (by: -1 | 1) => void;
  /** A press beside the picture. */
  readonly onVeil: () => void;
}

const STEP = 1.5;

/** What is looked at. */
export function Stage({ shown, onStep, onVeil }: StageProps) {
  const text = useText();
  const stage = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLImageElement>(null);
  const source = useSource(shown, 'file', true);
  const { view, zoomBy, events } = useZoom(stage, picture, { step: onStep, pressBeside: onVeil });
  if (shown.type !== 'image') {
    return (
      <div ref={stage} className={styles.stage}>
        <Video shown={shown} source={source} poster={undefined} />
      </div>
    );
  }
  const isBroken = source.state === 'broken';
  return (
    <>
      <div ref={stage} className={styles.stage} data-zoomed={view.scale > 1} {...(isBroken ? {} : events)}>
        {isBroken ? <Broken source={source} /> : null}
        {source.state === 'loading' ? <Spinner label={text.ui.loading} /> : null}
        {source.url === undefined || isBroken ? null : (
          <img
            key={source.attempt}
            ref={picture}
            className={styles.picture}
            src={source.url}
            alt={text.media.picture(shown.name)}
            draggable={false}
            style={{ translate: `${view.x}px ${view.y}px`, scale: view.scale }}
            onLoad={source.onLoaded}
            onError={source.onBroken}
          />
        )}
      </div>
      <ZoomButtons view={view} zoomBy={zoomBy} />
    </>
  );
}

function ZoomButtons({ view, zoomBy }: Pick<Zoom, 'view' | 'zoomBy'>) {
  const text = useText().media.lightbox;
  return (
    <div className={styles.zoom}>
      <IconButton
        tooltip="top"
        label={text.zoomOut}
        icon={<ZoomOut />}
        aria-disabled={view.scale === 1}
        onClick={() => zoomBy(1 / STEP)}
      />
      <IconButton tooltip="top" label={text.zoomIn} icon={<ZoomIn />} onClick={() => zoomBy(STEP)} />
    </div>
  );
}

import { useRef } from 'react';
import { useText } from '../i18n/locale';
import { Blur } from './blur';
import { DownloadLink } from './download-link';
import { Broken } from './picture';
import type { Shown } from './shown';
import { leaveFloor, takeFloor } from './sound';
import { UploadBar } from './upload-bar';
import { useNear } from './use-near';
import { type Source, useSource } from './use-source';
import { useSteady } from './use-steady';
import styles from './video-player.module.css';

/** A video in its place, with the browser's own controls; nothing of it is loaded before it is played. */
export function VideoPlayer({ shown }: { readonly shown: Shown }) {
  const frame = useRef<HTMLDivElement>(null);
  const isNear = useNear(frame);
  const poster = useSource(shown, 'thumbnail', isNear && shown.media !== undefined);
  const source = useSource(shown, 'file', isNear);
  return (
    <div ref={frame} className={styles.frame}>
      {shown.placeholder === undefined ? null : <Blur hash={shown.placeholder} />}
      <Video shown={shown} source={source} poster={poster.url} />
      <UploadBar shown={shown} />
    </div>
  );
}

interface VideoProps {
  readonly shown: Shown;
  readonly source: Source;
  readonly poster: string | undefined;
}

export function Video({ shown, source, poster }: VideoProps) {
  const text = useText().media;
  const url = useSteady(source.url, source.attempt);
  if (source.state === 'broken') {
    return (
      <Broken source={source}>
        {text.unplayable} {shown.media ? <DownloadLink media={shown.media} name={shown.name} /> : null}
      </Broken>
    );
  }
  return (
    // biome-ignore lint/a11y/useMediaCaption: what people film comes without captions
    <video
      key={source.attempt}
      className={styles.video}
      src={url}
      poster={poster}
      controls
      playsInline
      preload={shown.media?.thumbnailUrl ? 'none' : 'metadata'}
      aria-label={text.video(shown.name)}
      onPlay={({ currentTarget }) => takeFloor(currentTarget)}
      onPause={({ currentTarget }) => leaveFloor(currentTarget)}
      onLoadedMetadata={source.onLoaded}
      onError={source.onBroken}
    />
  );
}

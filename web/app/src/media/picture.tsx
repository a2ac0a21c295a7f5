import ImageOff from 'lucide-react/icons/image-off';
import RotateCw from 'lucide-react/icons/rotate-cw';
import { type ReactNode, Suspense } from 'react';
import { useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { loadPart } from '../ui/load-part';
import styles from './picture.module.css';
import type { Shown } from './shown';
import type { Source } from './use-source';

const Blur = loadPart(async () => (await import('./blur')).Blur);

interface PictureProps {
  readonly shown: Shown;
  readonly source: Source;
  readonly alt: string;
}

/** A picture in its frame, blurred until it is there. What is behind a broken one is up to `Broken`. */
export function Picture({ shown, source, alt }: PictureProps) {
  const isLoaded = source.state === 'loaded';
  return (
    <>
      {shown.placeholder === undefined ? null : (
        <Suspense>
          <Blur hash={shown.placeholder} />
        </Suspense>
      )}
      {source.url === undefined ? null : (
        <img
          key={source.attempt}
          className={styles.image}
          data-loaded={isLoaded}
          src={source.url}
          alt={alt}
          decoding="async"
          draggable={false}
          onLoad={source.onLoaded}
          onError={source.onBroken}
        />
      )}
    </>
  );
}

/** In place of what could not be loaded: says so, and tries again. */
export function Broken({ source, children }: { readonly source: Source; readonly children?: ReactNode }) {
  const text = useText();
  return (
    <div className={styles.broken}>
      <ImageOff aria-hidden="true" />
      <p>{children ?? text.media.broken}</p>
      <Button size="small" onClick={source.retry}>
        <RotateCw aria-hidden="true" />
        {text.ui.retry}
      </Button>
    </div>
  );
}

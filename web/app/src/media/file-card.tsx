import { useLocale } from '../i18n/locale';
import { DownloadLink } from './download-link';
import styles from './file-card.module.css';
import { FileIcon } from './file-icon';
import type { Shown } from './shown';
import { UploadBar } from './upload-bar';

/** A file that is not shown itself: what it is, how large, and a way to have it. */
export function FileCard({ shown }: { readonly shown: Shown }) {
  const { formats } = useLocale();
  const { name, size, media } = shown;
  return (
    <div className={styles.card}>
      <FileIcon name={name} />
      <span className={styles.facts}>
        <bdi className={styles.name} title={name}>
          {name}
        </bdi>
        <span className={styles.size}>{formats.bytes(size)}</span>
      </span>
      {media ? <DownloadLink media={media} name={name} /> : null}
      <UploadBar shown={shown} />
    </div>
  );
}

import type { Media } from '@duologue/client';
import { useClient } from '@duologue/react';
import Download from 'lucide-react/icons/download';
import { type MouseEvent, useState } from 'react';
import { useText } from '../i18n/locale';
import { useToast } from '../ui/toast';
import styles from './download-link.module.css';

interface DownloadLinkProps {
  readonly media: Media;
  readonly name: string;
}

/** Downloads a file by a link made when it is pressed: one made before may have expired. */
export function DownloadLink({ media, name }: DownloadLinkProps) {
  const text = useText();
  const toast = useToast();
  const client = useClient();
  const [isBusy, setBusy] = useState(false);
  const download = async (event: MouseEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    try {
      save(await client.fileUrl(media), name);
    } catch {
      toast.show({ tone: 'danger', text: text.media.notDownloaded(name) });
    } finally {
      setBusy(false);
    }
  };
  const label = text.media.download(name);
  return (
    <a
      className={styles.link}
      href={media.url}
      download={name}
      aria-label={label}
      title={label}
      aria-busy={isBusy}
      onClick={download}
    >
      <Download aria-hidden="true" />
    </a>
  );
}

function save(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  // From another origin `download` counts for nothing: then at least this page stays.
  link.target = '_blank';
  link.rel = 'noopener';
  link.click();
}

import { useText } from '../i18n/locale';
import type { Shown } from './shown';
import styles from './upload-bar.module.css';

/** How far one file is on its way; nothing where the server has it. */
export function UploadBar({ shown }: { readonly shown: Shown }) {
  const text = useText().media.upload;
  const { blob, upload, name, size } = shown;
  if (!blob) return null;
  const sent = upload?.id === undefined ? (upload?.sent ?? 0) : size;
  const label = sent === 0 ? text.waiting(name) : text.progress(name);
  return <progress className={styles.bar} value={sent} max={Math.max(1, size)} aria-label={label} />;
}

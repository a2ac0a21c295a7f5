import type { Pending, TimelineItem } from '@duologue/client';
import { useUpload } from '@duologue/react';
import X from 'lucide-react/icons/x';
import { Suspense } from 'react';
import { useLocale, useText } from '../i18n/locale';
import { IconButton } from '../ui/icon-button';
import { loadPart } from '../ui/load-part';
import { sortMedia } from './kinds';
import styles from './message-media.module.css';
import { shownOf } from './shown';
import { VisualGrid } from './visual-grid';

const FileCard = loadPart(async () => (await import('./file-card')).FileCard);
const SoundPlayer = loadPart(async () => (await import('./sound-player')).SoundPlayer);

/** The files of a message: pictures and videos in a grid, sounds to be heard, all else as cards. */
export function MessageMedia({ item }: { readonly item: TimelineItem }) {
  const { visual, sounds, files } = sortMedia(shownOf(item));
  return (
    <div className={styles.media} data-media="">
      {visual.length === 0 ? null : <VisualGrid items={visual} />}
      {sounds.map((shown) => (
        <Suspense key={shown.key} fallback={<div className={styles.sound} />}>
          <SoundPlayer shown={shown} />
        </Suspense>
      ))}
      {files.map((shown) => (
        <Suspense key={shown.key} fallback={<div className={styles.card} />}>
          <FileCard shown={shown} />
        </Suspense>
      ))}
      {item.kind === 'pending' && item.status !== 'failed' ? <Under pending={item.pending} /> : null}
    </div>
  );
}

/** How far all files are together, and a way to call it off. */
function Under({ pending }: { readonly pending: Pending }) {
  const text = useText().media.upload;
  const { formats } = useLocale();
  const { uploads, cancel } = useUpload();
  const state = uploads.get(pending.key);
  return (
    <div className={styles.under}>
      <span data-figures="">{state ? `${formats.bytes(state.sent)} / ${formats.bytes(state.size)}` : null}</span>
      <IconButton
        size="small"
        tooltip="none"
        label={text.cancel}
        icon={<X />}
        onClick={() => cancel(pending.key).catch(() => undefined)}
      />
    </div>
  );
}

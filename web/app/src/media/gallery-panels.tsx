import type { GalleryItem, Id, Link } from '@duologue/client';
import { useGallery } from '@duologue/react';
import MessageSquareText from 'lucide-react/icons/message-square-text';
import { Suspense, useRef, useState } from 'react';
import { useText } from '../i18n/locale';
import { IconButton } from '../ui/icon-button';
import { loadPart } from '../ui/load-part';
import { Time } from '../ui/time';
import { FileCard } from './file-card';
import styles from './galleries.module.css';
import { GalleryList } from './gallery-list';
import { Broken, Picture } from './picture';
import { ofMedia, type Shown } from './shown';
import { SoundPlayer } from './sound-player';
import { useNear } from './use-near';
import { useSource } from './use-source';
import { VideoMark } from './visual-grid';

const Lightbox = loadPart(async () => (await import('./lightbox')).default);

export interface PanelProps {
  readonly conversationId: Id;
  readonly onJump: (messageId: Id) => void;
}

export function MediaGallery({ conversationId, onJump }: PanelProps) {
  const gallery = useGallery(conversationId, 'media');
  const [open, setOpen] = useState<number | null>(null);
  const { items } = gallery;
  return (
    <>
      <GalleryList kind="media" gallery={gallery} className={styles.tiles}>
        {(item) => <Tile key={item.id} item={item} onOpen={() => setOpen(items.indexOf(item))} />}
      </GalleryList>
      {open === null ? null : (
        <Suspense fallback={null}>
          <Lightbox
            items={items.map((item) => ofMedia(item, item.id))}
            start={open}
            onClose={() => setOpen(null)}
            onJump={(index) => {
              const item = items[index];
              if (item) onJump(item.messageId);
            }}
          />
        </Suspense>
      )}
    </>
  );
}

function Tile({ item, onOpen }: { readonly item: GalleryItem; readonly onOpen: () => void }) {
  const text = useText().media;
  const frame = useRef<HTMLLIElement>(null);
  const shown = ofMedia(item, item.id);
  const source = useSource(shown, 'thumbnail', useNear(frame));
  const what = shown.type === 'video' ? text.video(shown.name) : text.picture(shown.name);
  return (
    <li ref={frame} className={styles.tile}>
      {source.state === 'broken' ? (
        <Broken source={source} />
      ) : (
        <button type="button" className={styles.open} aria-label={text.open(what)} onClick={onOpen}>
          <Picture shown={shown} source={source} alt="" />
          {shown.type === 'video' ? <VideoMark duration={shown.duration} /> : null}
        </button>
      )}
    </li>
  );
}

export function FilesGallery({ conversationId, onJump }: PanelProps) {
  const gallery = useGallery(conversationId, 'files');
  return (
    <GalleryList kind="files" gallery={gallery} className={styles.rows}>
      {(item) => (
        <li key={item.id} className={styles.row}>
          <SharedFile shown={ofMedia(item, item.id)} />
          <Jump item={item} onJump={onJump} />
        </li>
      )}
    </GalleryList>
  );
}

function SharedFile({ shown }: { readonly shown: Shown }) {
  return shown.type === 'audio' ? <SoundPlayer shown={shown} /> : <FileCard shown={shown} />;
}

export function LinksGallery({ conversationId, onJump }: PanelProps) {
  const gallery = useGallery(conversationId, 'links');
  return (
    <GalleryList kind="links" gallery={gallery} className={styles.rows}>
      {(item) => (
        <li key={`${item.messageId} ${item.url}`} className={styles.row}>
          <SharedLink url={item.url} />
          <Jump item={item} onJump={onJump} />
        </li>
      )}
    </GalleryList>
  );
}

function SharedLink({ url }: { readonly url: string }) {
  return (
    <a className={styles.link} href={url} target="_blank" rel="noopener noreferrer nofollow">
      <bdi className={styles.host}>{hostOf(url)}</bdi>
      <bdi className={styles.url}>{url}</bdi>
    </a>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

interface JumpProps {
  readonly item: GalleryItem | Link;
  readonly onJump: (messageId: Id) => void;
}

function Jump({ item, onJump }: JumpProps) {
  const label = useText().media.galleries.jump;
  return (
    <>
      <Time at={item.createdAt} style="list" />
      <IconButton
        label={label}
        tooltipAlign="end"
        icon={<MessageSquareText />}
        onClick={() => onJump(item.messageId)}
      />
    </>
  );
}

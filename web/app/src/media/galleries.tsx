import type { Id } from '@duologue/client';
import type { GalleryKind } from '@duologue/react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useLocale, useText } from '../i18n/locale';
import { Dialog } from '../ui/dialog';
import styles from './galleries.module.css';
import { FilesGallery, LinksGallery, MediaGallery } from './gallery-panels';

export interface GalleriesProps {
  readonly conversationId: Id;
  /** Called with the message of an item; close the galleries then. */
  readonly onJump: (messageId: Id) => void;
  readonly onClose: () => void;
}

const KINDS = ['media', 'files', 'links'] as const satisfies readonly GalleryKind[];
const PANELS = { media: MediaGallery, files: FilesGallery, links: LinksGallery };

/** What was shared in a conversation, in a dialog: pictures and videos, files, links. */
export function Galleries({ conversationId, onJump, onClose }: GalleriesProps) {
  const text = useText().media.galleries;
  const [kind, setKind] = useState<GalleryKind>('media');
  const id = useId();
  const Panel = PANELS[kind];
  return (
    <Dialog title={text.title} size="large" onClose={onClose}>
      <Tabs id={id} kind={kind} onKind={setKind} />
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${kind}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a panel may hold nothing to focus, and scrolls
        tabIndex={0}
        className={styles.panel}
      >
        <Panel key={kind} conversationId={conversationId} onJump={onJump} />
      </div>
    </Dialog>
  );
}

interface TabsProps {
  readonly id: string;
  readonly kind: GalleryKind;
  readonly onKind: (kind: GalleryKind) => void;
}

/** Arrows, Home and End choose; Tab goes on to the panel. */
function Tabs({ id, kind, onKind }: TabsProps) {
  const text = useText().media.galleries;
  const { direction } = useLocale();
  const list = useRef<HTMLDivElement>(null);
  const press = (event: KeyboardEvent) => {
    const next = nextTab(event.key, KINDS.indexOf(kind), direction);
    const wanted = next === null ? undefined : KINDS[next];
    if (next === null || wanted === undefined) return;
    event.preventDefault();
    onKind(wanted);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[next]?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={text.title} className={styles.tabs} onKeyDown={press}>
      {KINDS.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`${id}-${each}`}
          aria-selected={each === kind}
          aria-controls={`${id}-panel`}
          tabIndex={each === kind ? 0 : -1}
          className={styles.tab}
          onClick={() => onKind(each)}
        >
          {text[each]}
        </button>
      ))}
    </div>
  );
}

function nextTab(key: string, now: number, direction: 'ltr' | 'rtl'): number | null {
  const forward = direction === 'ltr' ? 1 : -1;
  if (key === 'ArrowRight') return (now + forward + KINDS.length) % KINDS.length;
  if (key === 'ArrowLeft') return (now - forward + KINDS.length) % KINDS.length;
  if (key === 'Home') return 0;
  return key === 'End' ? KINDS.length - 1 : null;
}

import { DuologueError } from '@duologue/client';
import type { GalleryKind, Paged } from '@duologue/react';
import Files from 'lucide-react/icons/files';
import Images from 'lucide-react/icons/images';
import Link2 from 'lucide-react/icons/link-2';
import LockKeyhole from 'lucide-react/icons/lock-keyhole';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import { type ReactNode, useEffect, useRef } from 'react';
import { useLocale, useText } from '../i18n/locale';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { Spinner } from '../ui/spinner';
import styles from './galleries.module.css';
import { byMonth } from './months';
import { whenNear } from './use-near';

interface GalleryListProps<T> {
  readonly kind: GalleryKind;
  readonly gallery: Paged<T>;
  /** Of the list of each month. */
  readonly className: string | undefined;
  /** An `<li>`. */
  readonly children: (item: T) => ReactNode;
}

const PICTURES = { media: <Images />, files: <Files />, links: <Link2 /> };

/** One gallery by month; older ones come as one scrolls down. Without any, or when it may not be seen, it says so. */
export function GalleryList<T extends { readonly createdAt: string }>(props: GalleryListProps<T>) {
  const { kind, gallery, className, children } = props;
  const text = useText().media.galleries;
  if (gallery.isLoading) {
    return (
      <div className={styles.more}>
        <Spinner label={text.loading} />
      </div>
    );
  }
  if (gallery.error && gallery.items.length === 0) return <Refused gallery={gallery} />;
  if (gallery.items.length === 0) {
    return (
      <EmptyState level={3} picture={PICTURES[kind]} title={text.empty[kind].title}>
        {text.empty[kind].hint}
      </EmptyState>
    );
  }
  return (
    <>
      {byMonth(gallery.items).map((month) => (
        <section key={month.key}>
          <MonthTitle first={month.first} />
          <ul className={className}>{month.items.map(children)}</ul>
        </section>
      ))}
      <More gallery={gallery} />
    </>
  );
}

function MonthTitle({ first }: { readonly first: Date }) {
  const { code } = useLocale();
  const format = new Intl.DateTimeFormat(code, { month: 'long', year: 'numeric' });
  return <h3 className={styles.month}>{format.format(first)}</h3>;
}

function Refused<T>({ gallery }: { readonly gallery: Paged<T> }) {
  const text = useText();
  const isBlocked = gallery.error instanceof DuologueError && gallery.error.code === 'FORBIDDEN';
  const { title, hint } = text.media.galleries[isBlocked ? 'blocked' : 'failed'];
  return (
    <div role="alert">
      <EmptyState
        level={3}
        picture={isBlocked ? <LockKeyhole /> : <TriangleAlert />}
        title={title}
        actions={isBlocked ? undefined : <Button onClick={() => gallery.fetchMore()}>{text.ui.retry}</Button>}
      >
        {hint}
      </EmptyState>
    </div>
  );
}

/** Fetches by itself when it comes near; the button is for who does not scroll, and for another try. */
function More<T>({ gallery }: { readonly gallery: Paged<T> }) {
  const text = useText();
  const end = useRef<HTMLDivElement>(null);
  const { fetchMore, hasMore, isFetchingMore, error, items } = gallery;
  const isReady = hasMore && !isFetchingMore && error === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each page the end may still be near
  useEffect(() => {
    if (!(isReady && end.current)) return;
    return whenNear(end.current, () => fetchMore());
  }, [isReady, fetchMore, items.length]);
  if (!hasMore) return null;
  return (
    <div ref={end} className={styles.more}>
      <Button isBusy={isFetchingMore} onClick={() => fetchMore()}>
        {error === null ? text.media.galleries.more : text.ui.retry}
      </Button>
    </div>
  );
}

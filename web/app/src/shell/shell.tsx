import { type MouseEvent, type ReactNode, Suspense, useRef } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { Conversation } from '../conversation/conversation';
import { useText } from '../i18n/locale';
import { Inbox } from '../inbox/inbox';
import { EmptyState } from '../ui/empty-state';
import { loadPart } from '../ui/load-part';
import { Mark } from '../ui/mark';
import { NotFound } from '../ui/not-found';
import { Spinner } from '../ui/spinner';
import { ConnectionBanner } from './connection-banner';
import { ErrorBoundary } from './error-boundary';
import styles from './shell.module.css';
import { TopBar } from './top-bar';
import { useAround } from './use-around';
import { useFocusAlong } from './use-focus-along';
import { useIsNarrow } from './use-is-narrow';
import { usePartner } from './use-partner';

const Settings = loadPart(async () => (await import('../settings/settings')).Settings);

/** The frame of the page: the inbox beside what was chosen, or one of both where there is no room. */
export function Shell() {
  const text = useText();
  const [location] = useLocation();
  const frame = useRef<HTMLDivElement>(null);
  const inbox = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLElement>(null);
  const isNarrow = useIsNarrow(frame);
  const isAtInbox = location === '/';
  useFocusAlong({ inbox, stage });
  // Not by the address: in another site's page it is not ours.
  const skip = (event: MouseEvent) => {
    event.preventDefault();
    stage.current?.focus();
  };
  return (
    <div ref={frame} className={styles.frame}>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to a place of this page, as its address says. */}
      <a href="#stage" className={styles.skip} onClick={skip}>
        {text.shell.skipToConversation}
      </a>
      <ConnectionBanner />
      <div className={styles.columns} data-at={isAtInbox ? 'inbox' : 'stage'}>
        {/* Where it is all that is seen, it is the main thing. */}
        <div ref={inbox} tabIndex={-1} className={styles.inbox} role={isNarrow && isAtInbox ? 'main' : undefined}>
          <Aside />
        </div>
        <main ref={stage} id="stage" tabIndex={-1} className={styles.stage}>
          <h1 className={styles.title}>Duologue</h1>
          <ErrorBoundary resetKey={location}>
            <Suspense fallback={<Loading />}>
              <Stage />
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
    </div>
  );
}

function Aside() {
  const text = useText();
  const partner = usePartner();
  return (
    <nav aria-label={text.shell.conversations} className={styles.aside}>
      <TopBar />
      <div className={styles.list}>
        <ErrorBoundary>
          <Inbox selected={partner ?? undefined} />
        </ErrorBoundary>
      </div>
    </nav>
  );
}

function Stage(): ReactNode {
  return (
    <Switch>
      <Route path="/">
        <Choose />
      </Route>
      <Route path="/chat/:username">
        <Chosen />
      </Route>
      <Route path="/settings/:section?">{({ section }) => <Settings {...(section ? { section } : {})} />}</Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

/** The conversation that the address names. */
function Chosen() {
  const partner = usePartner();
  const around = useAround();
  if (partner === null) return <NotFound />;
  return <Conversation key={partner} username={partner} around={around ?? undefined} />;
}

/** Where no conversation is chosen: seen on wide screens alone. */
function Choose() {
  const text = useText();
  return (
    <EmptyState picture={<Mark size="4.5rem" />} title={text.shell.chooseTitle}>
      {text.shell.choose}
    </EmptyState>
  );
}

function Loading() {
  const text = useText();
  return (
    <div className={styles.loading}>
      <Spinner label={text.ui.loading} />
    </div>
  );
}

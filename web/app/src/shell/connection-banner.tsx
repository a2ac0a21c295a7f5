import type { ConnectionStatus } from '@duologue/client';
import { useClient, useConnection, useStore } from '@duologue/react';
import CloudOff from 'lucide-react/icons/cloud-off';
import Unplug from 'lucide-react/icons/unplug';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useText } from '../i18n/locale';
import { Banner } from '../ui/banner';
import { Button } from '../ui/button';
import { VisuallyHidden } from '../ui/visually-hidden';
import { type BannerState, bannerOf } from './banner-state';

const CALM_MS = 2500;

/** Says what is wrong with the connection, and what waits because of it. Says nothing of short breaks. */
export function ConnectionBanner() {
  const { reconnect, ...status } = useConnection();
  const isOnline = useSyncExternalStore(subscribeToNetwork, () => navigator.onLine);
  const state = useCalm(bannerOf(status, isOnline, useSeconds(status)));
  return <div role="status">{state.kind === 'none' ? null : <ConnectionNote state={state} onRetry={reconnect} />}</div>;
}

function ConnectionNote({ state, onRetry }: { readonly state: BannerState; readonly onRetry: () => void }) {
  const text = useText();
  const { outbox } = useClient();
  const queued = useStore(outbox.entries).filter((entry) => entry.state !== 'failed').length;
  const isStopped = state.kind === 'stopped';
  const retry = (
    <Button size="small" onClick={onRetry}>
      {isStopped ? text.ui.retry : text.shell.tryNow}
    </Button>
  );
  return (
    <Banner
      tone={isStopped ? 'danger' : 'warning'}
      icon={isStopped ? <Unplug /> : <CloudOff />}
      actions={state.kind === 'offline' ? undefined : retry}
    >
      <NoteText state={state} />
      {queued > 0 ? ` ${text.shell.sendingLater(queued)}` : null}
    </Banner>
  );
}

function NoteText({ state }: { readonly state: BannerState }) {
  const { shell } = useText();
  if (state.kind === 'stopped') return shell.stopped[state.reason];
  if (state.kind === 'offline') return shell.offline;
  if (state.kind !== 'waiting' || state.seconds === 0) return shell.waitingNow;
  // A screen reader is told once, not every second.
  return (
    <>
      <VisuallyHidden>{shell.noConnection}</VisuallyHidden>
      <span aria-hidden="true">{shell.waiting(state.seconds)}</span>
    </>
  );
}

function subscribeToNetwork(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/** Now, each second, as long as somebody counts down. */
function useSeconds({ state, retryAt }: ConnectionStatus): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (state !== 'waiting' || retryAt === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [state, retryAt]);
  return now;
}

/** Trouble shows once it has lasted; its end, and what needs the person, at once. */
function useCalm(state: BannerState): BannerState {
  const [hasLasted, setLasted] = useState(false);
  const isTrouble = state.kind !== 'none' && state.kind !== 'stopped';
  useEffect(() => {
    if (!isTrouble) {
      setLasted(false);
      return;
    }
    const timer = setTimeout(() => setLasted(true), CALM_MS);
    return () => clearTimeout(timer);
  }, [isTrouble]);
  return isTrouble && !hasLasted ? { kind: 'none' } : state;
}

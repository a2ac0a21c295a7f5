import type { TimelineItem } from '@duologue/client';
import { type ReactNode, type RefObject, useEffect, useId, useMemo, useRef } from 'react';
import { useText } from '../i18n/locale';
import { BeforeCommit } from './before-commit';
import { DaySection } from './day-section';
import { toDays } from './days';
import { EndButton } from './end-button';
import type { RowActions } from './row-actions';
import { moveByKey } from './row-focus';
import type { Slice } from './slice';
import styles from './timeline.module.css';
import { useInSight } from './use-in-sight';
import type { Opening } from './use-opening';
import { type Feed, useTimeline } from './use-timeline';

export interface TimelineProps {
  /** What scrolls. */
  readonly log: RefObject<HTMLDivElement | null>;
  readonly items: readonly TimelineItem[];
  readonly feed: Feed;
  readonly opening: Opening;
  /** The key of the message that was jumped to. */
  readonly target: string | null;
  readonly actions: RowActions;
  /** Above the oldest and below the newest message: what is loading, or went wrong. */
  readonly top?: ReactNode;
  readonly bottom?: ReactNode;
  /** From an older part of the conversation to its live end. */
  readonly onBackToNow: () => void;
  /** Whether somebody looks at the newest message. */
  readonly onEndSeen: (isSeen: boolean) => void;
  /** Escape: back to writing. */
  readonly onLeave: () => void;
}

/** The messages: a window of at most 150 over all that is loaded. */
export function Timeline(props: TimelineProps) {
  const { log, items, feed, opening, actions, onBackToNow, onEndSeen, onLeave } = props;
  const text = useText();
  const { view, content, onScroll, before, after, goToEnd } = useTimeline(log, items, feed, opening.start);
  const hintId = useId();
  return (
    <div className={styles.frame}>
      <div
        ref={log}
        role="log"
        aria-live="off"
        aria-label={text.conversation.log(actions.partnerName)}
        aria-describedby={hintId}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        className={styles.scroller}
        onScroll={onScroll}
        onKeyDown={(event) => moveByKey(event, onLeave)}
      >
        <div ref={content} className={styles.content}>
          {view.slice.lo === 0 ? props.top : null}
          <Days {...props} slice={view.slice} />
          {view.slice.hi === items.length ? props.bottom : null}
          <End isHere={view.isLive && view.slice.hi === items.length} onSeen={onEndSeen} />
        </div>
        <BeforeCommit before={before} after={after} />
      </div>
      <span id={hintId} hidden>
        {text.conversation.logHint}
      </span>
      {view.isLive ? (
        <EndButton isShown={!view.atEnd} count={view.fresh} onPress={goToEnd} />
      ) : (
        <EndButton isShown count={0} label={text.conversation.backToNow} onPress={onBackToNow} />
      )}
    </div>
  );
}

interface DaysProps extends Pick<TimelineProps, 'items' | 'opening' | 'target' | 'actions'> {
  readonly slice: Slice;
}

function Days({ items, slice, opening: { mark }, target, actions }: DaysProps) {
  const days = useMemo(() => toDays(items, slice, mark?.key ?? null), [items, slice, mark]);
  return days.map((day) => <DaySection key={day.key} day={day} mark={mark} target={target} actions={actions} />);
}

/** Below the newest message; tells whether somebody looks at it. */
function End({ isHere, onSeen }: { readonly isHere: boolean; readonly onSeen: (isSeen: boolean) => void }) {
  const end = useRef<HTMLDivElement>(null);
  const isSeen = useInSight(end, isHere);
  useEffect(() => onSeen(isSeen), [onSeen, isSeen]);
  return <div ref={end} className={styles.end} />;
}

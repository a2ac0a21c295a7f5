/** Items as rows of their days, and what somebody has them do. */

import type { TimelineItem } from '@duologue/client';
import { DaySection } from '../../src/conversation/day-section';
import { toDays } from '../../src/conversation/days';
import type { RowActions } from '../../src/conversation/row-actions';

export function record() {
  const calls: [string, unknown][] = [];
  const note = (name: string) => (what: unknown) => {
    calls.push([name, what]);
  };
  const actions: RowActions = {
    partnerName: 'Mara',
    copy: note('copy'),
    remove: note('remove'),
    showInfo: note('showInfo'),
    retry: note('retry'),
    discard: note('discard'),
  };
  return { calls, actions };
}

interface PageProps {
  readonly items: readonly TimelineItem[];
  readonly actions: RowActions;
}

export function Page({ items, actions }: PageProps) {
  return toDays(items, { lo: 0, hi: items.length }, null).map((day) => (
    <DaySection key={day.key} day={day} mark={null} target={null} actions={actions} />
  ));
}

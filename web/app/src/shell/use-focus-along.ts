import { type RefObject, useEffect, useRef } from 'react';
import { useLocation, useRouter } from 'wouter';
import { isSameName, usernameAt } from '../address';
import { focusedAround } from '../ui/focused';

interface Places {
  readonly inbox: RefObject<HTMLElement | null>;
  readonly stage: RefObject<HTMLElement | null>;
}

/**
 * Takes the focus along when what held it is gone from sight with the address: the list, where there is room for one of both alone, or a
 * link of the page before. To the stage, and back to the row that one came from.
 */
export function useFocusAlong({ inbox, stage }: Places): void {
  const router = useRouter();
  const path = router.hook(router)[0];
  const isAtInbox = useLocation()[0] === '/';
  const before = useRef(path);
  useEffect(() => {
    const from = before.current;
    before.current = path;
    if (from === path || stage.current === null || isInSight(focusedAround(stage.current))) return;
    const target = isAtInbox ? (rowOf(usernameAt(from), inbox.current) ?? inbox.current) : stage.current;
    target?.focus();
  }, [path, isAtInbox, inbox, stage]);
}

function isInSight(focused: Element | null): boolean {
  return focused !== null && focused !== document.body && focused.checkVisibility();
}

function rowOf(username: string | null, inbox: HTMLElement | null): HTMLElement | undefined {
  if (username === null || inbox === null) return undefined;
  return [...inbox.querySelectorAll<HTMLElement>('a[data-row]')].find((row) =>
    isSameName(username, usernameAt(row.getAttribute('href') ?? '') ?? undefined),
  );
}

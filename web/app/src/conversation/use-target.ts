import type { Id } from '@duologue/client';
import { useCallback, useState } from 'react';
import { useLocation } from 'wouter';

/** The message that a thread opens around. Each jump is a turn of its own: to the same message again is one, too. */
export interface Target {
  readonly id: Id;
  readonly turn: number;
}

export interface TargetControl {
  /** Undefined: now. */
  readonly target: Target | undefined;
  readonly jump: (messageId: Id) => void;
  readonly backToNow: () => void;
}

/** Where in a conversation one is: what the address says (`around`), until one jumps elsewhere or back. `path`: without it. */
export function useTarget(around: Id | undefined, path: string): TargetControl {
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState(around);
  const [target, setTarget] = useState(() => next(undefined, around));
  // Another message in the address: there.
  if (asked !== around) {
    setAsked(around);
    setTarget(next(target, around));
  }
  const jump = useCallback((messageId: Id) => setTarget((now) => next(now, messageId)), []);
  const backToNow = useCallback(() => {
    setTarget(undefined);
    if (around !== undefined) navigate(path, { replace: true });
  }, [around, navigate, path]);
  return { target, jump, backToNow };
}

function next(now: Target | undefined, id: Id | undefined): Target | undefined {
  return id === undefined ? undefined : { id, turn: (now?.turn ?? 0) + 1 };
}

import { type ReactNode, Suspense, useSyncExternalStore } from 'react';
import { loadPart } from '../ui/load-part';
import type { Entered, GateKeeper } from './gate';

const Outside = loadPart(async () => (await import('./outside')).Outside);

interface RoomsProps {
  readonly keeper: GateKeeper;
  /** For who is signed in. */
  readonly renderInside: (gate: Entered) => ReactNode;
}

/** Before the door, at it, or inside. */
export function Rooms({ keeper, renderInside }: RoomsProps) {
  const gate = useSyncExternalStore(keeper.gate.subscribe, keeper.gate.get);
  if (gate.phase === 'starting') return null;
  return (
    <Suspense>{gate.phase === 'signed_in' ? renderInside(gate) : <Outside gate={gate} keeper={keeper} />}</Suspense>
  );
}

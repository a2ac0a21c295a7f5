import { Suspense } from 'react';
import { loadPart } from '../../ui/load-part';
import type { Refusal } from './checks';

const RefusalList = loadPart(async () => (await import('./refusal-list')).RefusalList);

interface RefusalsProps {
  readonly refusals: readonly Refusal[];
  readonly onDismiss: () => void;
}

/** What was not taken of the last choice. Stays until it is dismissed, or until the next choice. */
export function Refusals({ refusals, onDismiss }: RefusalsProps) {
  return (
    <div role="alert">
      {refusals.length === 0 ? null : (
        <Suspense>
          <RefusalList refusals={refusals} onDismiss={onDismiss} />
        </Suspense>
      )}
    </div>
  );
}

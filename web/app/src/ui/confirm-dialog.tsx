import { Suspense } from 'react';
import { loadPart } from './load-part';
import type { QuestionProps } from './question';

const Question = loadPart(async () => (await import('./question')).Question);

/** Asks before something is done that cannot be undone. */
export function ConfirmDialog(props: QuestionProps) {
  return (
    <Suspense>
      <Question {...props} />
    </Suspense>
  );
}

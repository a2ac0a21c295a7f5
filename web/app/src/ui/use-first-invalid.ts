import { type RefObject, useEffect, useRef } from 'react';

/** For a form: after a refused submit the focus goes to the first field that is wrong. `errors`: another object after each. */
export function useFirstInvalid(errors: object): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fields show them already.
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);
  return form;
}

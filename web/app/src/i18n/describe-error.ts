import { DuologueError } from '@duologue/client';
import type { Catalogue } from './en';

/** What went wrong and what to do, in the person's language. */
export function describeError(text: Catalogue, error: unknown): string {
  if (!(error instanceof DuologueError)) return text.errors.other;
  if (error.code === 'RATE_LIMITED' && error.retryAfter !== undefined)
    return text.errors.rateLimitedFor(error.retryAfter);
  const code = error.code;
  const known: Readonly<Record<string, unknown>> = text.errors;
  const said = Object.hasOwn(known, code) ? known[code] : undefined;
  return typeof said === 'string' ? said : text.errors.other;
}

import type { ConnectionStatus } from '@duologue/client';

/** Reasons to stop that end with a new sign-in; the rest may simply be tried again. */
export function endsSession(reason: NonNullable<ConnectionStatus['reason']>): boolean {
  return reason === 'invalid_token' || reason === 'signed_out' || reason === 'deactivated';
}

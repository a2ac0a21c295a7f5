/** What the banner says of the connection: a pure reading of its status. */
import type { ConnectionStatus } from '@duologue/client';

export type BannerState =
  | { readonly kind: 'none' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'trying' }
  | { readonly kind: 'waiting'; readonly seconds: number }
  | { readonly kind: 'stopped'; readonly reason: NonNullable<ConnectionStatus['reason']> };

/** `now` in milliseconds since the epoch. */
export function bannerOf(status: ConnectionStatus, isOnline: boolean, now: number): BannerState {
  if (status.state === 'stopped') return { kind: 'stopped', reason: status.reason ?? 'invalid_token' };
  if (!isOnline || status.state === 'offline') return { kind: 'offline' };
  if (status.state === 'connecting') return { kind: 'trying' };
  if (status.state !== 'waiting') return { kind: 'none' };
  const left = status.retryAt === undefined ? 0 : Math.ceil((status.retryAt - now) / 1000);
  return { kind: 'waiting', seconds: Math.max(0, left) };
}

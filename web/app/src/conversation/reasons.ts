import type { Catalogue } from '../i18n/en';

/** Why somebody was not written to, in words. Codes of the server and of the SDK. */
export function reasonOf(code: string | undefined, { conversation }: Catalogue): string {
  const { reasons } = conversation;
  switch (code) {
    case 'BLOCKED':
      return reasons.blocked;
    case 'FORBIDDEN':
      return reasons.privacy;
    case 'NOT_FOUND':
      return reasons.notFound;
    case 'PAYLOAD_TOO_LARGE':
    case 'UNSUPPORTED_MEDIA_TYPE':
      return reasons.file;
    case 'STORAGE_FULL':
      return reasons.storage;
    case 'RATE_LIMITED':
      return reasons.tooFast;
    case 'NETWORK':
    case 'UNAVAILABLE':
      return reasons.network;
    default:
      return reasons.other;
  }
}

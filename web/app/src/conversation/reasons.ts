import type { Catalogue } from '../i18n/en';

/** Why somebody cannot be written to (`person`), or a message was not sent, in words. Codes of the server and of the SDK. */
export function reasonOf(code: string | undefined, of: 'person' | 'message', text: Catalogue): string {
  const { conversation, errors } = text;
  const { reasons } = conversation;
  const known: Readonly<Record<string, unknown>> = {
    ...errors,
    BLOCKED: reasons.blocked,
    FORBIDDEN: reasons.privacy,
    NOT_FOUND: of === 'person' ? reasons.notFound : reasons.notThere,
  };
  const said = code === undefined ? undefined : known[code];
  return typeof said === 'string' ? said : errors.other;
}

/** Where each conversation is in this client, and whose is where. Pure. */

const CHAT = /^\/chat\/([^/]+)\/?$/i;

/** Usernames are compared without case. */
export function isSameName(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}

/** Where somebody's conversation is. */
export function pathOf(username: string): string {
  return `/chat/${encodeURIComponent(username)}`;
}

/** Whose conversation is there: `pathOf` the other way. Null: nobody's, or it is no path that `pathOf` makes. */
export function usernameAt(path: string): string | null {
  const written = CHAT.exec(path)?.[1];
  try {
    return written === undefined ? null : decodeURIComponent(written);
  } catch {
    return null;
  }
}

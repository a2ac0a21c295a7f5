/** What the page asks of its server before anybody is signed in: `GET /web.json`. */

export interface WebConfig {
  /** Whether people have accounts of this server; otherwise a platform signs them in. */
  readonly accounts: boolean;
  /** Who may hand a token to this page by postMessage. */
  readonly origins: readonly string[];
  readonly version: string;
}

const KEY = 'duologue.web';
const PATIENCE_MS = 15_000;

/** Of the server; without an answer as it was the last time; null: never heard of it. */
export async function loadWebConfig(
  fetch: typeof globalThis.fetch,
  storage: Storage | null,
): Promise<WebConfig | null> {
  try {
    const answer = await fetch('/web.json', {
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const config = answer.ok ? readWebConfig(await answer.text()) : null;
    if (config !== null) storage?.setItem(KEY, JSON.stringify(config));
    return config ?? kept(storage);
  } catch {
    return kept(storage);
  }
}

function kept(storage: Storage | null): WebConfig | null {
  const text = storage?.getItem(KEY) ?? null;
  return text === null ? null : readWebConfig(text);
}

/** Null: this is no answer of Duologue. */
export function readWebConfig(text: string): WebConfig | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('accounts' in value) || !('origins' in value)) return null;
    const { accounts, origins } = value;
    if (typeof accounts !== 'boolean' || !Array.isArray(origins)) return null;
    const version = 'version' in value && typeof value.version === 'string' ? value.version : '';
    return { accounts, origins: origins.filter((origin) => typeof origin === 'string'), version };
  } catch {
    return null;
  }
}

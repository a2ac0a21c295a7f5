import type { Tokens } from '../connection/token.js';
import { DuologueError } from '../errors.js';
import { failureOf } from './exchange.js';

/** What is asked of the one that keeps the access token. */
export type TokenSource = Pick<Tokens, 'get' | 'refresh'>;

/** Does it with the token; when that one is refused (401), once again with a fresh one. */
export async function authorized<T>(tokens: TokenSource, attempt: (token: string) => Promise<T>): Promise<T> {
  const token = await asked(tokens.get());
  try {
    return await attempt(token);
  } catch (error) {
    if (!(error instanceof DuologueError && error.status === 401)) throw error;
    const fresh = await asked(tokens.refresh(token));
    if (fresh === token) throw error;
    return await attempt(fresh);
  }
}

/** Rejects with UNAUTHORIZED when signed out, and as a request would when no token can be had now. */
async function asked(answer: Promise<string | null>): Promise<string> {
  const token = await answer.catch((error: unknown) => Promise.reject(failureOf(error, undefined)));
  if (token === null) throw new DuologueError('UNAUTHORIZED', 'Signed out');
  return token;
}

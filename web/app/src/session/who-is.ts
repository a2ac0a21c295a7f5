import { createRest, type Id, type Platform } from '@duologue/client';
import type { GetToken } from './gate';

/** Asks the server whom a token names. */
export function createWhoIs(url: string, platform: Platform): (getToken: GetToken) => Promise<Id> {
  return async (getToken) => {
    const tokens = { get: () => getToken({ refresh: false }), refresh: () => getToken({ refresh: true }) };
    return (await createRest({ url, tokens, platform }).users.me()).data.id;
  };
}

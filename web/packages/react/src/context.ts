import type { DuologueClient } from '@duologue/client';
import { createContext, useContext } from 'react';

export const ClientContext = createContext<DuologueClient | null>(null);

/** The client of the nearest `DuologueProvider`. Throws outside of one. */
export function useClient(): DuologueClient {
  const client = useContext(ClientContext);
  if (client === null) throw new Error('There is no <DuologueProvider> around this component.');
  return client;
}

import type { DuologueClient } from '@duologue/client';
import { QueryClient, QueryClientContext, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useContext, useEffect, useState } from 'react';
import { holdBridge } from './bridge/bridge.js';
import { ClientContext } from './context.js';
import { always } from './retry.js';

export interface DuologueProviderProps {
  /** Made once outside of rendering, by `createClient`. */
  readonly client: DuologueClient;
  /** Default: that of the `QueryClientProvider` around it, or one of its own. */
  readonly queryClient?: QueryClient;
  readonly children?: ReactNode;
}

/** Runs the client while it is mounted, and keeps what the hooks have fetched up to date. */
export function DuologueProvider({ client, queryClient, children }: DuologueProviderProps): ReactNode {
  const around = useContext(QueryClientContext);
  const [own] = useState(() => new QueryClient({ defaultOptions: { queries: always, mutations: always } }));
  const cache = queryClient ?? around ?? own;
  useEffect(() => holdBridge(client, cache), [client, cache]);
  useEffect(() => client.start(), [client]);
  return (
    <QueryClientProvider client={cache}>
      <ClientContext.Provider value={client}>{children}</ClientContext.Provider>
    </QueryClientProvider>
  );
}

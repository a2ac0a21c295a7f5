import type { ConnectionStatus } from '@duologue/client';
import { useMemo } from 'react';
import { useClient } from '../context.js';
import { useStore } from './use-store.js';

/** How the client is connected, and `reconnect`: now, without waiting, also when it has stopped. */
export function useConnection(): ConnectionStatus & { readonly reconnect: () => void } {
  const { connection } = useClient();
  const status = useStore(connection.status);
  return useMemo(() => ({ ...status, reconnect: connection.reconnect }), [status, connection]);
}

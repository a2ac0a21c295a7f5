import type { Command, Connection, ConnectionState } from '@duologue/client';
import { useMemo } from 'react';
import { useClient } from '../context.js';
import { useStore } from './use-store.js';

/** The part of a WebSocket that code written for one uses. */
export interface WebSocketFacade {
  /** `WebSocket.CONNECTING`, `OPEN` or `CLOSED` (0, 1, 3), as the connection stands now. */
  readonly readyState: 0 | 1 | 3;
  /** A command, or its JSON; lost when not `OPEN`, as on a socket that closes. Messages belong into `useSendMessage`. */
  readonly send: (command: Command | string) => void;
  /** Ends the connection of this tab; `useConnection().reconnect` begins it again. */
  readonly close: () => void;
}

const OPEN: ReadonlySet<ConnectionState> = new Set(['online', 'catching_up']);
const CLOSED: ReadonlySet<ConnectionState> = new Set(['idle', 'stopped', 'offline']);

/**
 * The hook of this name in the original plan, for code that knows a socket. There is no socket of one's own to hold: tabs share one,
 * and a lost one is replaced, behind the same `ws`. What comes in is heard by `useClient().on(type, listener)`.
 */
export function useWebSocket(): { readonly ws: WebSocketFacade; readonly isConnected: boolean } {
  const { connection } = useClient();
  const isConnected = useStore(connection.status, ({ state }) => OPEN.has(state));
  const ws = useMemo(() => facade(connection), [connection]);
  return useMemo(() => ({ ws, isConnected }), [ws, isConnected]);
}

const facade = (connection: Connection): WebSocketFacade => ({
  get readyState() {
    const { state } = connection.status.get();
    if (OPEN.has(state)) return 1;
    return CLOSED.has(state) ? 3 : 0;
  },
  send: (command) => {
    const parsed: Command = typeof command === 'string' ? JSON.parse(command) : command;
    connection.tell(parsed);
  },
  close: connection.stop,
});

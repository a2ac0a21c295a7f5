import type { Command, Connection, ConnectionState } from '@duologue/client';
import { useEffect, useMemo, useState } from 'react';
import { useClient } from '../context.js';
import { useStore } from './use-store.js';

/** The part of a WebSocket that code written for one uses. */
export interface WebSocketFacade {
  /** `WebSocket.CONNECTING`, `OPEN` or `CLOSED` (0, 1, 3), as the connection stands now; `CLOSED` after `close`. */
  readonly readyState: 0 | 1 | 3;
  /** A command, or its JSON; lost when not `OPEN`, as on a socket that closes. Messages belong into `useSendMessage`. */
  readonly send: (command: Command | string) => void;
  /** This `ws` is `CLOSED` from now on, until its component mounts anew. The connection stays: others in the page hear through it. */
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
  const isOpen = useStore(connection.status, ({ state }) => OPEN.has(state));
  const [isClosed, setClosed] = useState(false);
  const { ws, open } = useMemo(() => createFacade(connection, setClosed), [connection]);
  // StrictMode unmounts and mounts again: code that closes its socket at the end gets it back at the beginning.
  useEffect(open, [open]);
  const isConnected = isOpen && !isClosed;
  return useMemo(() => ({ ws, isConnected }), [ws, isConnected]);
}

interface OpenFacade {
  readonly ws: WebSocketFacade;
  readonly open: () => void;
}

function createFacade(connection: Connection, onChange: (isClosed: boolean) => void): OpenFacade {
  let isClosed = false;
  const set = (value: boolean): void => {
    isClosed = value;
    onChange(value);
  };
  const ws: WebSocketFacade = {
    get readyState() {
      const { state } = connection.status.get();
      if (isClosed || CLOSED.has(state)) return 3;
      return OPEN.has(state) ? 1 : 0;
    },
    send: (command) => {
      const parsed: Command = typeof command === 'string' ? JSON.parse(command) : command;
      if (!isClosed) connection.tell(parsed);
    },
    close: () => set(true),
  };
  return { ws, open: () => set(false) };
}

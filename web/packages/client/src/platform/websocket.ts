import type { Socket, SocketEvents } from '../ports.js';

/** Over the global WebSocket, which browsers, Node and React Native have. */
export function openWebSocket(url: string, events: SocketEvents): Socket {
  const socket = new WebSocket(url);
  socket.onopen = () => events.open();
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') events.message(data);
  };
  socket.onclose = ({ code, reason }) => events.close(code, reason);
  return {
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
  };
}

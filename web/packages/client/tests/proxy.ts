/** A proxy before a server, for tests: HTTP goes through as it is, frames of sockets suffer what the test wants. */

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

export interface Faults {
  /** 0 <= x < 1. */
  readonly random: () => number;
  /** How likely a frame of the server is lost, or comes twice. */
  readonly drop: number;
  readonly duplicate: number;
  /** Milliseconds that a frame is late at most; so one overtakes another. */
  readonly delay: number;
}
/** How many frames were lost, came twice, came after one that the server had said later. */
interface Counts {
  dropped: number;
  duplicated: number;
  overtaken: number;
}
export interface FaultyProxy {
  readonly url: string;
  /** What it did so far. */
  readonly counts: Counts;
  /** From now on; null: as a wire. What is late still comes. */
  readonly setFaults: (faults: Faults | null) => void;
  /** Whether sockets can be opened through it. */
  readonly setUpgrades: (isOn: boolean) => void;
  /** Cuts all sockets, without a close frame. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
}

/** `target`: the server's root, which must stay where it is. */
export async function startProxy(target: string): Promise<FaultyProxy> {
  const counts: Counts = { dropped: 0, duplicated: 0, overtaken: 0 };
  const sockets = new WebSocketServer({ noServer: true });
  let faults: Faults | null = null;
  let takesUpgrades = true;
  const server = createServer((asked, answer) => forward(target, asked, answer));
  server.on('upgrade', (asked, wire, head) => {
    if (!takesUpgrades) wire.destroy();
    else
      sockets.handleUpgrade(asked, wire, head, (near) => {
        join(near, `${target.replace('http', 'ws')}${asked.url}`, () => faults, counts);
      });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const cut = (): void => {
    for (const socket of sockets.clients) socket.terminate();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    cut,
    setFaults: (next) => {
      faults = next;
    },
    setUpgrades: (isOn) => {
      takesUpgrades = isOn;
    },
    stop: async () => {
      cut();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function forward(target: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, headers, url } = asked;
  const onward = request(`${target}${url}`, { method, headers }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    got.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  answer.on('close', () => onward.destroy());
  asked.pipe(onward);
}

/** What the client says goes through, once the server is there; what the server says suffers. */
function join(near: WebSocket, url: string, faults: () => Faults | null, counts: Counts): void {
  const far = new WebSocket(url);
  const said: string[] = [];
  let number = 0;
  let newest = 0;
  const hand = (text: string, place: number): void => {
    if (place < newest) counts.overtaken += 1;
    newest = Math.max(newest, place);
    near.send(text);
  };
  near.on('message', (data) => {
    if (far.readyState === WebSocket.OPEN) far.send(String(data));
    else said.push(String(data));
  });
  far.on('open', () => {
    for (const text of said.splice(0)) far.send(text);
  });
  far.on('message', (data) => {
    const place = ++number;
    suffer(faults(), counts, () => hand(String(data), place));
  });
  far.on('close', (code, reason) => (code === 1006 ? near.terminate() : near.close(code, reason)));
  near.on('close', () => far.terminate());
  far.on('error', () => near.terminate());
  near.on('error', () => far.terminate());
}

function suffer(faults: Faults | null, counts: Counts, send: () => void): void {
  if (faults === null) {
    send();
    return;
  }
  const { random, drop, duplicate, delay } = faults;
  if (random() < drop) {
    counts.dropped += 1;
    return;
  }
  const copies = random() < duplicate ? 2 : 1;
  counts.duplicated += copies - 1;
  for (let copy = 0; copy < copies; copy += 1) setTimeout(send, random() * delay);
}

/** A stage for connections: a clock by hand, sockets that the test answers on, HTTP that it scripts. */

import { createConnection } from '../../src/connection/create-connection.js';
import { createTokens, type GetToken } from '../../src/connection/token.js';
import type { Connection } from '../../src/connection.js';
import {
  createWorld,
  type DrivenPlatform,
  type ManualTimers,
  manualTimers,
  memoryByHand,
  type World,
} from '../../src/platform/memory.js';
import type { SocketEvents } from '../../src/ports.js';
import { createRest } from '../../src/rest/create-rest.js';
import type { Command, Frame } from '../../src/wire.js';

export const NOW = 1_700_000_000_000;
export const EPOCH = 'log-1';

/** The server's end of a socket. */
export interface ServerSocket {
  readonly url: string;
  readonly heard: Command[];
  readonly isClosed: () => boolean;
  readonly open: () => Promise<void>;
  readonly say: (...frames: (Frame | string)[]) => Promise<void>;
  readonly close: (code: number, reason?: string) => Promise<void>;
}

export interface Stage {
  readonly platform: DrivenPlatform;
  readonly connection: Connection;
  readonly frames: Frame[];
  readonly sockets: readonly ServerSocket[];
  /** Whether each token was asked for as a fresh one. */
  readonly asked: boolean[];
  /** Answers to `GET /events`, and what was asked. */
  readonly requests: URL[];
  readonly advance: (ms: number) => Promise<void>;
  /** The newest socket. */
  readonly socket: () => ServerSocket;
}

export interface StageOptions {
  readonly getToken?: GetToken;
  readonly http?: (url: URL) => Promise<Response> | Response;
  /** Tabs of one browser share these. */
  readonly world?: World;
  readonly timers?: ManualTimers;
  readonly seed?: number;
}

export function stage(options: StageOptions = {}): Stage {
  const timers = options.timers ?? manualTimers(NOW);
  const sockets: ServerSocket[] = [];
  const requests: URL[] = [];
  const asked: boolean[] = [];
  const platform = memoryByHand({
    world: options.world ?? createWorld(),
    timers,
    seed: options.seed ?? 7,
    openSocket: (where, told) => scripted(where, told, sockets, timers),
    fetch: (input) => {
      const asks = new URL(String(input));
      requests.push(asks);
      return Promise.resolve(options.http?.(asks) ?? Promise.reject(new TypeError('no HTTP here')));
    },
  });
  const tokens = createTokens((how) => {
    asked.push(how.refresh);
    return options.getToken?.(how) ?? Promise.resolve(`token ${asked.length}`);
  });
  const url = 'https://chat.test';
  const { events } = createRest({ url, tokens, platform });
  const connection = createConnection({ url, user: 'me', platform, tokens, events });
  const frames: Frame[] = [];
  connection.onFrame((frame) => frames.push(frame));
  return {
    ...{ platform, connection, frames, sockets, asked, requests, advance: timers.advance },
    socket: () => sockets.at(-1) ?? fail('no socket was opened'),
  };
}

function fail(message: string): never {
  throw new Error(message);
}

function scripted(url: string, events: SocketEvents, all: ServerSocket[], timers: ManualTimers) {
  const heard: Command[] = [];
  let isClosed = false;
  const doing = (work: () => void): Promise<void> => {
    work();
    return timers.advance(0);
  };
  all.push({
    url,
    heard,
    isClosed: () => isClosed,
    open: () => doing(events.open),
    say: (...frames) =>
      doing(() => {
        for (const frame of frames) events.message(typeof frame === 'string' ? frame : JSON.stringify(frame));
      }),
    close: (code, reason = '') => doing(() => events.close(code, reason)),
  });
  return {
    send: (text: string) => heard.push(JSON.parse(text) as Command),
    close: () => {
      isClosed = true;
    },
  };
}

export function hello(position: number, epoch = EPOCH): Frame {
  const at = '2026-01-01T00:00:00.000000Z';
  return { type: 'auth_success', payload: { userId: 'me', connectionId: 'c', connectedAt: at, position, epoch } };
}

/** Some fact. */
export function fact(position: number): Frame {
  const payload = { conversationId: 'c', messageId: `m${position}`, deletedAt: '', unreadCount: 0, totalUnread: 0 };
  return { type: 'message.deleted', payload, position };
}

export function pong(position: number): Frame {
  return { type: 'pong', payload: { timestamp: '', serverTime: '', position } };
}

export function done(position: number, epoch = EPOCH): Frame {
  return { type: 'resume.done', payload: { position, epoch } };
}

export function resetTo(position: number, epoch = EPOCH): Frame {
  return { type: 'resume.reset', payload: { position, epoch, reason: 'too_far' } };
}

export function typing(): Frame {
  return { type: 'typing.start', payload: { conversationId: 'c', userId: 'you' } };
}

export function page(events: Frame[], position: number, more: object = {}): Response {
  const data = { events, position, epoch: EPOCH, hasMore: false, ...more };
  return Response.json({ success: true, message: '', data });
}

export function refusal(status: number, code: string, more: object = {}): Response {
  const error = { code, message: code, requestId: 'r', ...more };
  return Response.json({ success: false, message: code, error }, { status });
}

export function positions(frames: readonly Frame[]): number[] {
  return frames.flatMap((frame) => ('position' in frame && frame.position !== undefined ? [frame.position] : []));
}

/** HTTP whose answers come when the test gives them, to who waits longest. */
export function answersByHand(): {
  readonly http: () => Promise<Response>;
  readonly answer: (response: Response) => void;
} {
  const waiting: ((response: Response) => void)[] = [];
  return {
    http: () => new Promise((give) => waiting.push(give)),
    answer: (response) => waiting.shift()?.(response),
  };
}

/** Started, and let in at `position`. */
export async function online(position = 5, options: StageOptions = {}): Promise<Stage> {
  const on = stage(options);
  on.connection.start();
  await on.advance(0);
  await on.socket().open();
  await on.socket().say(hello(position));
  return on;
}

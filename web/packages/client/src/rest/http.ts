/** Calls of the API: a path and a body in, the answer out. Tokens, retries and time limits are looked after here. */

import { DuologueError } from '../errors.js';
import type { Answer } from '../model.js';
import type { Platform } from '../ports.js';
import { answerOf } from './answers.js';
import { authorized, type TokenSource } from './authorized.js';
import { exchange, PATIENCE, pause } from './exchange.js';

export interface HttpOptions {
  /** The server's root; empty for the page's own. */
  readonly url: string;
  /** Null: calls go without a token. */
  readonly tokens: TokenSource | null;
  readonly platform: Pick<Platform, 'fetch' | 'timers'>;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Changes nothing, whatever its method: may be tried again as a GET is. */
  readonly isSafe?: boolean;
  /** Below the root, from its slash on. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. */
  readonly patience?: number;
}

export type Query = Readonly<Record<string, string | number | undefined>>;
export type Request = <T>(call: Call) => Promise<Answer<T>>;

/** How often what only reads, and was put off by the server, is tried again, and for how many seconds it waits at most. */
const RETRIES = 2;
const LONGEST_WAIT = 60;

export function createHttp(options: HttpOptions): Request {
  const { tokens } = options;
  const once = <T>(call: Call): Promise<Answer<T>> =>
    tokens === null ? attempt(options, call, null) : authorized(tokens, (token) => attempt(options, call, token));
  const retrying = async <T>(call: Call, left: number): Promise<Answer<T>> => {
    try {
      return await once(call);
    } catch (error) {
      const seconds = left > 0 && isRead(call) ? putOffBy(error) : undefined;
      if (seconds === undefined) throw error;
      await pause(options.platform.timers, seconds * 1000, call.signal);
      return await retrying(call, left - 1);
    }
  };
  return (call) => retrying(call, RETRIES);
}

async function attempt<T>(options: HttpOptions, call: Call, token: string | null): Promise<Answer<T>> {
  const { method, signal, patience = PATIENCE, body } = call;
  try {
    const reply = await exchange(options.platform, {
      method,
      url: rootOf(options.url) + call.path + queryOf(call.query),
      headers: headersOf(call, token),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
      patience,
    });
    return answerOf(reply);
  } catch (error) {
    throw isRead(call) ? error : lostOf(error);
  }
}

function isRead(call: Call): boolean {
  return call.method === 'GET' || call.isSafe === true;
}

/** Seconds after which the same may be tried again; undefined: not at all, or too late for somebody who waits. */
function putOffBy(error: unknown): number | undefined {
  if (!(error instanceof DuologueError && (error.status === 429 || error.status === 503))) return undefined;
  return error.retryAfter !== undefined && error.retryAfter <= LONGEST_WAIT ? error.retryAfter : undefined;
}

/** A write that got no answer, or one of a server in trouble, may have been done all the same. */
function lostOf(error: unknown): unknown {
  if (!(error instanceof DuologueError)) return error;
  const { code, status, details, retryAfter, requestId } = error;
  const isLost = code === 'NETWORK' || code === 'BAD_ANSWER' || (status !== undefined && status >= 500);
  if (!isLost) return error;
  const known = Object.entries({ status, details, retryAfter, requestId }).filter(([, value]) => value !== undefined);
  return new DuologueError(code, error.message, { ...Object.fromEntries(known), isLost });
}

function headersOf(call: Call, token: string | null): Record<string, string> {
  return {
    Accept: 'application/json',
    ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    ...call.headers,
  };
}

/** A root as paths are put behind it. */
export function rootOf(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}

function queryOf(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

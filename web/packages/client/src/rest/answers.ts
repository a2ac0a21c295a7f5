/** The envelope of every answer, and the errors in it. */

import { DuologueError, type ErrorDetails } from '../errors.js';
import type { Answer } from '../model.js';
import type { TransferAnswer } from '../ports.js';
import type { ErrorCode, ErrorInfo } from '../wire.js';

/** What an error without a body means: those of HEAD, and of methods that answer nothing. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  410: 'NOT_FOUND',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  460: 'CHECKSUM_MISMATCH',
  500: 'INTERNAL_ERROR',
  503: 'UNAVAILABLE',
  507: 'STORAGE_FULL',
};

/** Refusals of the same meaning whoever speaks: also when a proxy says them, with a page of its own. */
const ANYBODYS: ReadonlySet<number> = new Set([413, 415]);

/** The answer as it stands. Throws what the server said was wrong, or BAD_ANSWER when it was not our server that spoke. */
export function answerOf<T>(reply: TransferAnswer): Answer<T> {
  const body = parsed(reply.text);
  if (reply.status >= 400 || !isSuccess<T>(body)) throw errorOf(reply);
  const position = Number.parseInt(reply.header('Duologue-Position') ?? '', 10);
  return Number.isNaN(position) ? body : { ...body, position };
}

/** What is wrong with an answer that is no success. */
export function errorOf(reply: TransferAnswer): DuologueError {
  const { status } = reply;
  const info = infoOf(parsed(reply.text));
  if (info !== undefined) return new DuologueError(info.code, info.message, { ...detailsOf(info, reply), status });
  const code = reply.text === '' || ANYBODYS.has(status) ? CODES[status] : undefined;
  const message = code === undefined ? `No answer of Duologue's (status ${status})` : `Refused with status ${status}`;
  return new DuologueError(code ?? 'BAD_ANSWER', message, { status, ...retryAfterOf(undefined, reply) });
}

function detailsOf(info: ErrorInfo, reply: TransferAnswer): ErrorDetails {
  return {
    requestId: info.requestId,
    ...(info.details === undefined ? {} : { details: info.details }),
    ...retryAfterOf(info, reply),
  };
}

function retryAfterOf(info: ErrorInfo | undefined, reply: TransferAnswer): ErrorDetails {
  const seconds = info?.retryAfter ?? Number.parseInt(reply.header('Retry-After') ?? '', 10);
  return Number.isNaN(seconds) ? {} : { retryAfter: seconds };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The server's structs are checked where they are written: here the envelope alone. */
function isSuccess<T>(body: unknown): body is Answer<T> {
  return isObject(body) && 'success' in body && body.success === true && 'data' in body;
}

function infoOf(body: unknown): ErrorInfo | undefined {
  if (!(isObject(body) && 'error' in body)) return undefined;
  return isErrorInfo(body.error) ? body.error : undefined;
}

function isErrorInfo(info: unknown): info is ErrorInfo {
  if (!(isObject(info) && 'code' in info && 'message' in info)) return false;
  return typeof info.code === 'string' && typeof info.message === 'string';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

import { expect, test } from 'vitest';
import { DuologueError } from '../../src/errors.js';
import { queuedEntry, refused, started } from '../../src/outbox/transitions.js';

const DRAFT = { conversationId: 'aaaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa', content: 'hello' };
const MOMENT = { now: 0, random: 0.5 };

/** What becomes of a send that met it. */
function after(error: DuologueError) {
  return refused(started(queuedEntry('key', DRAFT, 0)), error, MOMENT);
}

test.each([400, 403, 404, 413, 421, 451])('a page of a proxy with status %i is final', (status) => {
  const page = new DuologueError('BAD_ANSWER', 'no', { status });
  expect(page.isRetryable).toBe(false);
  expect(after(page)).toMatchObject({ state: 'failed', error: { code: 'BAD_ANSWER', retryable: false } });
});

test.each([undefined, 200, 408, 425, 429, 502, 504])('a page of a proxy with status %s may pass', (status) => {
  const page = new DuologueError('BAD_ANSWER', 'no', status === undefined ? {} : { status });
  expect(page.isRetryable).toBe(true);
  expect(after(page)).toMatchObject({ state: 'queued', error: { code: 'BAD_ANSWER', retryable: true } });
});

test('a file that cannot be read any more, and a redirect, fail the send', () => {
  for (const code of ['UNREADABLE', 'REDIRECTED'] as const) {
    expect(after(new DuologueError(code, 'no'))).toMatchObject({ state: 'failed', error: { code, retryable: false } });
  }
});

/** A server for the tests of a file. */

import { afterAll, beforeAll, vi } from 'vitest';
import { type RunningServer, startServer } from '../../client/tests/server.js';

// Real servers on a machine that may be busy with others.
vi.setConfig({ testTimeout: 60_000 });

/** Runs while the tests of the file do. */
export function serverOfFile(): () => RunningServer {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startServer({ RATE_LIMITS: 'off' });
  }, 60_000);
  afterAll(() => server?.stop(), 60_000);
  return () => {
    if (server === undefined) throw new Error('the server runs inside of tests alone');
    return server;
  };
}

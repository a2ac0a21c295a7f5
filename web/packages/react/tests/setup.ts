/** What the files of tests share: a server for each, and React as strict as in development. */

import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type RunningServer, startServer } from '../../client/tests/server.js';

configure({ reactStrictMode: true, asyncUtilTimeout: 10_000 });
afterEach(cleanup);

/** Runs while the tests of the file do. */
export function serverOfFile(): () => RunningServer {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startServer();
  }, 60_000);
  afterAll(() => server?.stop(), 60_000);
  return () => {
    if (server === undefined) throw new Error('the server runs inside of tests alone');
    return server;
  };
}

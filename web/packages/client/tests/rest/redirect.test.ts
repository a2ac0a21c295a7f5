import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createAccounts } from '../../src/accounts.js';
import { memory } from '../../src/platform/memory.js';

const ann = { username: 'ann', password: 'correct horse' };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A host that answers everything with this status; `heard`: what was asked of it. */
async function host(status: number, headers: Record<string, string> = {}): Promise<{ url: string; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((asked, answer) => {
    heard.push(`${asked.method} ${asked.url}`);
    answer.writeHead(status, headers).end();
  });
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

test.each([301, 302, 307, 308])('a password goes on to no other host: %i is refused, for good', async (status) => {
  const elsewhere = await host(200);
  const { url } = await host(status, { Location: `${elsewhere.url}/login` });
  const login = createAccounts({ url, platform: memory() }).login(ann);
  await expect(login).rejects.toMatchObject({ code: 'REDIRECTED', isRetryable: false, isLost: false });
  expect(elsewhere.heard).toEqual([]);
});

test('a redirect of which a browser tells nothing more is refused too', async () => {
  const opaque = Object.defineProperties(new Response(null), {
    type: { value: 'opaqueredirect' },
    status: { value: 0 },
  });
  const platform = memory({ fetch: () => Promise.resolve(opaque) });
  const login = createAccounts({ url: 'https://chat.test', platform }).login(ann);
  await expect(login).rejects.toMatchObject({ code: 'REDIRECTED', isRetryable: false, isLost: false });
});

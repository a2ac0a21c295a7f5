import { expect, test } from 'vitest';
import { startServer } from './server.js';

test('a server of the tests keeps its address and its people across a crash', { timeout: 60_000 }, async () => {
  const server = await startServer();
  try {
    const { accessToken, user } = await server.register();
    await server.kill();
    await expect(fetch(server.url)).rejects.toThrow();
    await server.start();
    const answer = await fetch(`${server.url}/api/v1/users/me`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(await answer.json()).toMatchObject({ data: { id: user.id } });
  } finally {
    await server.stop();
  }
});

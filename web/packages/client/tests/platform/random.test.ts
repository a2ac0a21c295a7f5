import { expect, test, vi } from 'vitest';
import { randomUuid, uuidOf } from '../../src/platform/random.js';

const VERSION_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('UUIDs are random ones of version 4, also in an insecure context', () => {
  const { crypto } = globalThis;
  vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes) });
  const insecure = [randomUuid(), randomUuid()];
  vi.unstubAllGlobals();
  for (const uuid of [...insecure, randomUuid()]) expect(uuid).toMatch(VERSION_4);
  expect(insecure[0]).not.toBe(insecure[1]);
});

test.each([0x00, 0xff])('whatever the bytes, version and variant stand in it (%i)', (byte) => {
  expect(uuidOf(new Uint8Array(16).fill(byte))).toMatch(VERSION_4);
});

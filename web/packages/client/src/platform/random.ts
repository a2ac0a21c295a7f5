/** Numbers and UUIDs: random ones, and ones that a seed repeats. */

const MODULUS = 2 ** 31 - 1;

/** As Math.random, and the same again for the same seed (the minimal standard generator). For tests, not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = (Math.abs(Math.trunc(seed)) % (MODULUS - 1)) + 1;
  return () => {
    state = (state * 48_271) % MODULUS;
    return (state - 1) / MODULUS;
  };
}

/** By the platform's own; in an insecure context of its random bytes, since `randomUUID` is missing there. */
export function randomUuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return uuidOf(crypto.getRandomValues(new Uint8Array(16)));
}

/** A UUID of version 4 of 16 bytes. */
export function uuidOf(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte, place) => versioned(byte, place).toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Byte 6 begins with the version, byte 8 with the variant. */
function versioned(byte: number, place: number): number {
  if (place === 6) return 0x40 + (byte % 0x10);
  return place === 8 ? 0x80 + (byte % 0x40) : byte;
}

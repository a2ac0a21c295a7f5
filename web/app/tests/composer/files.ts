/** Files to attach, and what makes pictures smaller on the way. */

export const file = (name: string, type = '', size = 10) => new File([new Uint8Array(size)], name, { type });

/** Makes nothing smaller. */
export const asIs = (given: File) => Promise.resolve(given);

/** Makes pictures smaller when the test says so, in the order in which they came; as they are unless told. */
export function byHand() {
  const waiting: ((smaller?: File) => void)[] = [];
  const shrink = (given: File) => new Promise<File>((done) => waiting.push((smaller = given) => done(smaller)));
  return { shrink, next: (smaller?: File) => waiting.shift()?.(smaller) };
}

/** What follows from a picture that is ready has happened. */
export const settled = () => new Promise((done) => setImmediate(done));

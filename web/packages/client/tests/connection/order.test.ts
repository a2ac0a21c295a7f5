import { expect, test } from 'vitest';
import { EMPTY, moveTo, type Order, reset, type Step, take, takePage, trust } from '../../src/connection/order.js';
import { seededRandom } from '../../src/platform/random.js';
import type { Frame } from '../../src/wire.js';
import { EPOCH, fact, positions, typing } from './stage.js';

const at = (position: number): Order => moveTo(EMPTY, { position, epoch: EPOCH }).order;

function takeAll(order: Order, ...frames: Frame[]): Step {
  let step: Step = { order, frames: [] };
  for (const frame of frames) {
    const next = take(step.order, frame);
    step = { order: next.order, frames: [...step.frames, ...next.frames] };
  }
  return step;
}

test('facts that follow the cursor are handed on, and move it', () => {
  const { order, frames } = takeAll(at(5), fact(6), fact(7));
  expect(positions(frames)).toEqual([6, 7]);
  expect(order).toEqual({ cursor: { position: 7, epoch: EPOCH }, held: [] });
});

test('a fact at the cursor or below it was seen', () => {
  expect(takeAll(at(5), fact(5), fact(1)).frames).toEqual([]);
});

test('facts beyond a gap wait for it, and come in their order', () => {
  const late = takeAll(at(5), fact(8), fact(7), fact(8));
  expect(late.frames).toEqual([]);
  expect(late.order.held).toHaveLength(2);
  expect(positions(take(late.order, fact(6)).frames)).toEqual([6, 7, 8]);
});

test('what is no fact waits for nothing', () => {
  expect(takeAll(at(5), fact(7), typing()).frames).toEqual([typing()]);
});

test('a jump that the sender knows of is none', () => {
  expect(positions(take(at(5), fact(9), 5).frames)).toEqual([9]);
  expect(take(at(5), fact(9), 6).frames).toEqual([]);
});

test('facts before the first cursor wait for it', () => {
  const { order, frames } = takeAll(EMPTY, fact(6), fact(5));
  expect(frames).toEqual([]);
  const step = moveTo(order, { position: 5, epoch: EPOCH });
  expect(positions(step.frames)).toEqual([6]);
});

test('where the sender has nothing more, what is held is handed on over the gap', () => {
  const { order } = takeAll(at(5), fact(7), fact(9), fact(12));
  const step = trust(order, { position: 10, epoch: EPOCH });
  expect(positions(step.frames)).toEqual([7, 9]);
  expect(step.order.cursor?.position).toBe(10);
  expect(positions(take(step.order, fact(11)).frames)).toEqual([11, 12]);
});

test('a promise of what was passed already changes nothing', () => {
  const order = at(5);
  expect(trust(order, { position: 4, epoch: EPOCH }).order).toBe(order);
});

test('a page is all there is up to its position', () => {
  const { order } = takeAll(at(5), fact(7), fact(11));
  const step = takePage(order, { events: [fact(5), fact(8)], position: 10, epoch: EPOCH });
  expect(positions(step.frames)).toEqual([8, 11]);
  expect(step.order).toEqual({ cursor: { position: 11, epoch: EPOCH }, held: [] });
});

test('a page that is behind the cursor changes nothing, and the first one sets it', () => {
  const order = at(5);
  expect(takePage(order, { events: [fact(4)], position: 4, epoch: EPOCH })).toEqual({ order, frames: [] });
  expect(takePage(EMPTY, { events: [], position: 4, epoch: EPOCH }).order.cursor?.position).toBe(4);
});

test('after a reset counting begins anew; of another log nothing is kept', () => {
  const { order } = takeAll(at(5), fact(9), fact(12));
  expect(positions(reset(order, { position: 11, epoch: EPOCH }).frames)).toEqual([12]);
  const other = reset(order, { position: 3, epoch: 'log-2' });
  expect(other).toEqual({ order: { cursor: { position: 3, epoch: 'log-2' }, held: [] }, frames: [] });
});

test.each([1, 2, 3, 4, 5])(
  'in whatever order and however often they come, each is handed on once, in order (%i)',
  (seed) => {
    const random = seededRandom(seed);
    const all = Array.from({ length: 60 }, (_, index) => fact(6 + index));
    const mixed = [...all, ...all].toSorted(() => random() - 0.5);
    const { frames, order } = takeAll(at(5), ...mixed);
    expect(frames).toEqual(all);
    expect(order.held).toEqual([]);
  },
);

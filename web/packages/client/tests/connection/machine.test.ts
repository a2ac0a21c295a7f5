import { expect, test } from 'vitest';
import { type Effect, IDLE, type Machine, type MachineEvent, transition } from '../../src/connection/machine.js';
import { NOW } from './stage.js';

const ENDED: readonly Effect[] = [{ do: 'close' }, { do: 'end_poll' }];
const AROUND = { now: NOW, random: 0.5, isOnline: true };

/** After these, in one second each; `around` of the last. */
function after(events: readonly MachineEvent[], around: Partial<typeof AROUND> = {}): [Machine, readonly Effect[]] {
  let machine = IDLE;
  let effects: readonly Effect[] = [];
  for (const [index, event] of events.entries()) {
    const isLast = index === events.length - 1;
    [machine, effects] = transition(machine, event, { ...AROUND, ...(isLast ? around : {}) });
  }
  return [machine, effects];
}

const START: MachineEvent = { type: 'start' };
const DUE: MachineEvent = { type: 'due' };
const OPENED: MachineEvent = { type: 'opened', isCaughtUp: true };
const RESUMING: MachineEvent = { type: 'opened', isCaughtUp: false };
const closed = (code = 1006, reason = ''): MachineEvent => ({ type: 'closed', code, reason });
const LOST = closed();
const MISSED: readonly MachineEvent[] = [START, LOST, DUE, LOST, DUE, LOST];
const POLLING: readonly MachineEvent[] = [...MISSED, { type: 'polled' }];

const PATHS: Readonly<Record<string, readonly MachineEvent[]>> = {
  idle: [],
  connecting: [START],
  catching_up: [START, RESUMING],
  online: [START, OPENED],
  waiting: [START, OPENED, LOST],
  polling: POLLING,
  offline: [START, { type: 'offline' }],
  stopped: [START, closed(4502)],
};

test.each(Object.entries(PATHS))('it can be %s', (state, path) => {
  expect(after(path)[0].state).toBe(state);
});

type Row = readonly [from: string, event: MachineEvent, to: string, effects: readonly string[]];
const ROWS: readonly Row[] = [
  ['idle', START, 'connecting', ['connect']],
  ['online', START, 'online', []],
  ...Object.keys(PATHS).map((state): Row => [state, { type: 'stop' }, 'idle', ['close', 'end_poll']]),
  ['idle', { type: 'reconnect' }, 'idle', []],
  ...['connecting', 'catching_up', 'online', 'waiting', 'polling', 'offline', 'stopped'].map(
    (state): Row => [state, { type: 'reconnect' }, 'connecting', ['end_poll', 'connect']],
  ),
  ['waiting', DUE, 'connecting', ['connect']],
  ['polling', DUE, 'polling', ['connect']],
  ['online', DUE, 'online', []],
  ['stopped', DUE, 'stopped', []],
  ...['connecting', 'catching_up', 'online', 'waiting', 'polling', 'offline'].map(
    (state): Row => [state, { type: 'offline' }, 'offline', ['close', 'end_poll']],
  ),
  ['idle', { type: 'offline' }, 'idle', []],
  ['stopped', { type: 'offline' }, 'stopped', []],
  ['waiting', { type: 'online' }, 'connecting', ['connect']],
  ['offline', { type: 'online' }, 'connecting', ['connect']],
  ['polling', { type: 'online' }, 'polling', ['connect']],
  ['online', { type: 'online' }, 'online', ['ping']],
  ['catching_up', { type: 'online' }, 'catching_up', ['ping']],
  ['stopped', { type: 'online' }, 'stopped', []],
  ['idle', { type: 'online' }, 'idle', []],
  ['waiting', { type: 'visible' }, 'connecting', ['connect']],
  ['offline', { type: 'visible' }, 'connecting', ['connect']],
  ['connecting', { type: 'visible' }, 'connecting', []],
  ['online', { type: 'visible' }, 'online', ['ping']],
  ['polling', { type: 'visible' }, 'polling', []],
  ['connecting', OPENED, 'online', ['end_poll']],
  ['connecting', RESUMING, 'catching_up', ['end_poll']],
  ['waiting', OPENED, 'waiting', []],
  ['polling', OPENED, 'polling', []],
  ['catching_up', { type: 'caught_up' }, 'online', []],
  ['online', { type: 'caught_up' }, 'online', []],
  ['connecting', { type: 'caught_up' }, 'connecting', []],
  ['connecting', LOST, 'waiting', ['wait']],
  ['catching_up', LOST, 'waiting', ['wait']],
  ['online', LOST, 'waiting', ['wait']],
  ['waiting', LOST, 'waiting', []],
  ['polling', LOST, 'polling', []],
  ['stopped', LOST, 'stopped', []],
  ['connecting', { type: 'failed' }, 'waiting', ['wait']],
  ['online', { type: 'failed' }, 'online', []],
  ['connecting', { type: 'refused', reason: 'signed_out' }, 'stopped', ['close', 'end_poll']],
  ['polling', { type: 'refused', reason: 'deactivated' }, 'stopped', ['close', 'end_poll']],
  ['idle', { type: 'refused', reason: 'signed_out' }, 'idle', []],
  ['waiting', { type: 'polled' }, 'polling', ['wait']],
  ['connecting', { type: 'polled' }, 'polling', []],
  ['polling', { type: 'polled' }, 'polling', []],
  ['online', { type: 'polled' }, 'online', []],
  ['polling', { type: 'poll_failed' }, 'waiting', ['wait', 'poll']],
  ['online', { type: 'poll_failed' }, 'online', []],
  ['waiting', { type: 'poll_failed' }, 'waiting', []],
];

test.each(ROWS)('%s, %j: %s', (from, event, to, effects) => {
  const [machine, found] = after([...(PATHS[from] ?? []), event]);
  expect(machine.state).toBe(to);
  expect(found.map((effect) => effect.do)).toEqual(effects);
});

test('without a network it begins offline, and a loss ends there', () => {
  expect(after([START], { isOnline: false })[0].state).toBe('offline');
  expect(after([START, OPENED, LOST], { isOnline: false })).toMatchObject([{ state: 'offline' }, ENDED]);
  expect(after([START, { type: 'offline' }, { type: 'visible' }], { isOnline: false })[0].state).toBe('offline');
});

test('waits grow with each try in vain, and say when they end', () => {
  const [first] = after([START, LOST]);
  const [second, effects] = after([START, LOST, DUE, LOST]);
  expect([first.retryAt, second.retryAt]).toEqual([NOW + 250, NOW + 500]);
  expect(effects).toEqual([{ do: 'wait', ms: 500 }]);
  expect(after([START, LOST, DUE])[0].retryAt).toBeNull();
});

test('only a connection that lasted makes waits short again', () => {
  const path: readonly MachineEvent[] = [START, LOST, DUE, OPENED, LOST];
  expect(after(path, { now: NOW + 9999 })[1]).toEqual([{ do: 'wait', ms: 500 }]);
  expect(after(path, { now: NOW + 10_000 })[1]).toEqual([{ do: 'wait', ms: 250 }]);
});

test('a network that is back forgets how often it was tried', () => {
  const busy = closed(1011);
  expect(after([START, busy, DUE, busy, { type: 'online' }, busy])[1]).toEqual([{ do: 'wait', ms: 250 }]);
});

test('a drain is left as long as it asks for, and a little longer', () => {
  expect(after([START, OPENED, closed(1001, 'retry=3000')])[1]).toEqual([{ do: 'wait', ms: 3250 }]);
});

test.each([4001, 4500])('a token that is refused with %i is replaced at once, but only once', (code) => {
  expect(after([START, closed(code)])).toMatchObject([{ state: 'connecting' }, [{ do: 'connect', refresh: true }]]);
  expect(after([START, closed(code), closed(code)])).toMatchObject([
    { state: 'stopped', reason: 'invalid_token' },
    ENDED,
  ]);
  expect(after([START, closed(code), OPENED, closed(code)])[0].state).toBe('stopped');
  const [lasted] = after([START, closed(code), OPENED, closed(code)], { now: NOW + 900_000 });
  expect(lasted.state).toBe('connecting');
});

test.each([
  [4501, 'auth_timeout'],
  [4502, 'deactivated'],
  [4503, 'too_many_connections'],
  [4504, 'signed_out'],
])('%i stops, and says why', (code, reason) => {
  expect(after([START, OPENED, closed(code)])).toMatchObject([{ state: 'stopped', reason }, ENDED]);
});

test('HTTP is tried when the third socket in a row does not open', () => {
  expect(after(MISSED.slice(0, -2))[1].map((effect) => effect.do)).toEqual(['wait']);
  expect(after(MISSED)[1].map((effect) => effect.do)).toEqual(['wait', 'poll']);
  expect(after([START, OPENED, LOST, DUE, LOST, DUE, LOST])[1]).toHaveLength(1);
});

test('a server that says why is no proxy that eats sockets', () => {
  const busy = closed(1011);
  expect(after([START, busy, DUE, busy, DUE, busy])[1]).toHaveLength(1);
});

test('while it polls a socket is tried every minute', () => {
  expect(after(POLLING)[1]).toEqual([{ do: 'wait', ms: 60_000 }]);
  expect(after([...POLLING, DUE])[0]).toMatchObject({ state: 'polling', isTrying: true });
  expect(after([...POLLING, DUE, LOST])).toMatchObject([{ state: 'polling' }, [{ do: 'wait', ms: 60_000 }]]);
  expect(after([...POLLING, DUE, OPENED])).toMatchObject([{ state: 'online' }, [{ do: 'end_poll' }]]);
  expect(after([...POLLING, DUE, { type: 'poll_failed' }])[0].state).toBe('connecting');
});

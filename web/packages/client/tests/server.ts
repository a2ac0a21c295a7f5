/** A real server for tests: the Python one, on a free port, with its data in a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import type { SignedIn } from '../src/wire.js';

const ROOT = resolve(import.meta.dirname, '../../../..');
const PYTHON = process.env.DUOLOGUE_PYTHON ?? join(ROOT, '.venv/bin/python');
const READY = /ready on (http:\/\/\S+)/;

export interface RunningServer {
  /** Its root, without a slash at the end; the same after `start`. */
  readonly url: string;
  /** Ends it as an operator does: sockets are drained. Its data stays until `stop`. */
  readonly halt: () => Promise<void>;
  /** Ends it as a crash does. */
  readonly kill: () => Promise<void>;
  /** Again, on the same port and data. */
  readonly start: () => Promise<void>;
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>;
  /** A new account with a name of its own. */
  readonly register: (username?: string) => Promise<SignedIn>;
}

/** Takes some 3 seconds: start one for a whole test file. `env`: its settings, such as `RATE_LIMITS: 'off'`. */
export async function startServer(env: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  const data = await mkdtemp(join(tmpdir(), 'duologue-'));
  let run = await launch(data, '0', env);
  const { url } = run;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    run.process.kill(signal);
    await run.ended;
  };
  return {
    url,
    halt: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    start: async () => {
      run = await launch(data, new URL(url).port, env);
    },
    stop: async () => {
      await end('SIGTERM');
      await rm(data, { recursive: true, force: true });
    },
    register: (username) => register(url, username),
  };
}

interface Run {
  readonly url: string;
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
}

async function launch(data: string, port: string, env: Readonly<Record<string, string>>): Promise<Run> {
  const child = spawn(PYTHON, ['-m', 'duologue', 'serve', '--host', '127.0.0.1', '--port', port, '--data', data], {
    env: { ...process.env, PYTHONPATH: join(ROOT, 'src'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill); // a test run that is broken off leaves no server behind
  const ended = new Promise<void>((done) => child.once('exit', () => done())).then(() => {
    process.off('exit', kill);
  });
  return { url: await ready(child, ended), process: child, ended };
}

function ready(child: ChildProcess, ended: Promise<void>): Promise<string> {
  return new Promise((done, fail) => {
    let said = '';
    const listen = (text: string): void => {
      said += text;
      const url = READY.exec(said)?.[1];
      if (url !== undefined) done(url);
    };
    child.stdout?.setEncoding('utf8').on('data', listen);
    child.stderr?.setEncoding('utf8').on('data', listen);
    child.once('error', fail);
    ended.then(() => fail(new Error(`the server ended: ${said}`)));
  });
}

let registered = 0;

async function register(url: string, username?: string): Promise<SignedIn> {
  registered += 1;
  const name = username ?? `user${registered}_${crypto.randomUUID().slice(0, 8)}`;
  const answer = await fetch(`${url}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: name, password: `password of ${name}` }),
  });
  if (!answer.ok) throw new Error(`register ${name}: ${answer.status} ${await answer.text()}`);
  const { data } = (await answer.json()) as { data: SignedIn };
  return data;
}

import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../config/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where `npm` is looked for: not in the folders that npm itself puts before the machine's when it runs this test. */
const MACHINE_PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(delimiter);

const NPM_VERSION = execFileSync('npm', ['--version'], { env: { PATH: MACHINE_PATH }, encoding: 'utf8' }).trim();

test.for(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm stops its server gracefully, and leaves no process',
  async (signal, { skip }) => {
    skip(NPM_VERSION.startsWith('9.'), 'needs another npm than 9, which takes these signals and hands none on');
    const started = await startByNpm();
    started.npm.kill(signal);
    await started.ended();
    expect(started.npm.exitCode).toBe(0);
    expect(started.events()).toEqual(['started', 'stopping', 'stopped']);
    expect(isRunning(started.server)).toBe(false);
  },
);

test('a Ctrl-C, which reaches npm and the server at once and is handed on too, is one signal', async () => {
  const started = await startByNpm();
  process.kill(-Number(started.npm.pid), 'SIGINT');
  await started.ended();
  expect(started.npm.exitCode).toBe(0);
  expect(started.events()).toEqual(['started', 'stopping', 'stopped']);
});

test.each(['SIGHUP', 'SIGKILL'] as const)('%s ends npm without a word: its server stops gracefully', async (signal) => {
  const started = await startByNpm();
  started.npm.kill(signal);
  await started.ended();
  expect(started.npm.signalCode).toBe(signal);
  expect(started.events()).toEqual(['started', 'stopping', 'stopped']);
  expect(started.lines().find(({ event }) => event === 'stopping')).toMatchObject({ cause: 'npm_ended' });
});

interface Line {
  readonly event: string;
  readonly pid: number;
}

/** `npm start` as a stranger types it, in a process group of its own, over an empty folder and free ports. */
async function startByNpm() {
  const npm: ChildProcessWithoutNullStreams = spawn('npm', ['start'], {
    cwd: ROOT,
    detached: true,
    env: {
      PATH: MACHINE_PATH,
      HOME: temporaryFolder(),
      AUTHFLOW_DATA_DIR: temporaryFolder(),
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
      AUTHFLOW_API_KEY_CLAIM: 'key',
    },
  });
  npm.stdin.end();
  npm.stdout.resume();
  const lines: Line[] = [];
  let server = 0;
  const log = createInterface(npm.stderr);
  // The log closes when the last process that can write to it has ended: npm, its shell and the server.
  const closed = once(log, 'close');
  const exited = once(npm, 'exit');
  onTestFinished(() => {
    for (const pid of [Number(npm.pid), server]) {
      if (pid > 0 && isRunning(pid)) {
        process.kill(pid, 'SIGKILL');
      }
    }
  });
  await new Promise<void>((resolve, reject) => {
    log.on('line', (line) => {
      if (!line.startsWith('{')) {
        return;
      }
      const read: Line = JSON.parse(line);
      lines.push(read);
      if (read.event === 'started') {
        server = read.pid;
        resolve();
      }
    });
    closed.then(() => reject(new Error('npm start ended before its server listened.')), reject);
  });
  return {
    npm,
    server,
    lines: () => lines,
    events: () => lines.map(({ event }) => event),
    ended: () => Promise.all([closed, exited]),
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/status`;
  // One that has ended and is not waited for yet is no process any more.
  return !existsSync(status) || !/^State:\s+Z/m.test(readFileSync(status, 'utf8'));
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFile, temporaryFolder } from '../config/temporary-folder.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { startCli } from './spawned-cli.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/authflow.js', import.meta.url));
const FREE_PORTS = { AUTHFLOW_HTTP_PORT: '0', AUTHFLOW_GRPC_PORT: '0', AUTHFLOW_API_KEY_CLAIM: 'key' };
/** Of util-linux: runs a command in a terminal of its own. That of other systems knows other options. */
const SCRIPT = '/usr/bin/script';

test.each(['SIGUSR1', 'SIGUSR2'] as const)('%s neither ends a server nor opens a debugger', async (signal) => {
  const child = startCli(['serve'], { folder: temporaryFolder(), env: FREE_PORTS });
  child.stdout.resume();
  const log = new Log(createInterface(child.stderr));
  await log.until('started');
  child.kill(signal);
  await log.until('signal_ignored');
  child.kill('SIGTERM');
  await once(child, 'exit');
  await log.closed;
  expect(child.exitCode).toBe(0);
  // The debugger's own words are no line of ours.
  expect(log.events).toEqual(['started', 'signal_ignored', 'stopping', 'stopped']);
});

test('SIGHUP without TLS is told in the log, and nothing else comes of it', async () => {
  const child = startCli(['serve'], { folder: temporaryFolder(), env: FREE_PORTS });
  child.stdout.resume();
  const log = new Log(createInterface(child.stderr));
  await log.until('started');
  child.kill('SIGHUP');
  await log.until('tls_not_reloaded');
  child.kill('SIGTERM');
  await once(child, 'exit');
  await log.closed;
  expect(child.exitCode).toBe(0);
  expect(log.events).toEqual(['started', 'tls_not_reloaded', 'stopping', 'stopped']);
});

test('SIGHUP with TLS reads the files again, and the server serves on', async () => {
  const { cert, key } = CERTIFICATES.server;
  const tls = { AUTHFLOW_TLS_CERT: temporaryFile(cert), AUTHFLOW_TLS_KEY: temporaryFile(key) };
  const child = startCli(['serve'], { folder: temporaryFolder(), env: { ...FREE_PORTS, ...tls } });
  child.stdout.resume();
  const log = new Log(createInterface(child.stderr));
  await log.until('started');
  child.kill('SIGHUP');
  await log.until('tls_reloaded');
  child.kill('SIGTERM');
  await once(child, 'exit');
  await log.closed;
  expect(child.exitCode).toBe(0);
  expect(log.events).toEqual(['started', 'tls_reloaded', 'stopping', 'stopped']);
});

test('a terminal that is closed stops its server', async ({ skip }) => {
  skip(!existsSync(SCRIPT), `needs ${SCRIPT} of util-linux`);
  const data = temporaryFolder();
  const terminal = spawn(SCRIPT, ['-qec', `"${process.execPath}" "${MAIN}" serve 2>&3`, '/dev/null'], {
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, SHELL: '/bin/sh', AUTHFLOW_DATA_DIR: data, ...FREE_PORTS },
  });
  const log = new Log(createInterface({ input: terminal.stdio[3] as NodeJS.ReadableStream }));
  const { pid } = await log.until('started');
  onTestFinished(() => {
    if (existsSync(`/proc/${pid}`)) {
      process.kill(pid, 'SIGKILL');
    }
  });
  terminal.kill('SIGKILL');
  await log.closed;
  // The greeting may have been on its way to the terminal.
  const events = log.events.filter((event) => event !== 'greeting_not_printed');
  expect(events).toEqual(['started', 'stopping', 'stopped']);
});

test('a terminal that is closed, with the log in it, stops its server', async ({ skip }) => {
  skip(!existsSync(SCRIPT), `needs ${SCRIPT} of util-linux`);
  const terminal = spawn(SCRIPT, ['-qec', `"${process.execPath}" "${MAIN}" serve`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, SHELL: '/bin/sh', AUTHFLOW_DATA_DIR: temporaryFolder(), ...FREE_PORTS },
  });
  // The server inherits it, and nothing is written to it: it closes when the server has ended.
  const held = terminal.stdio[3] as NodeJS.ReadableStream;
  const isEnded = once(held.resume(), 'close');
  const { pid } = await new Log(createInterface({ input: terminal.stdout as NodeJS.ReadableStream })).until('started');
  onTestFinished(() => {
    if (existsSync(`/proc/${pid}`)) {
      process.kill(pid, 'SIGKILL');
    }
  });
  terminal.kill('SIGKILL');
  await isEnded;
});

test('a log that takes nothing, on a full disk, does not keep a server from its end', async ({ skip }) => {
  skip(!existsSync('/dev/full'), 'needs /dev/full');
  const log = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    stdio: ['ignore', 'pipe', log],
    env: { PATH: process.env.PATH, AUTHFLOW_DATA_DIR: temporaryFolder(), ...FREE_PORTS },
  });
  closeSync(log);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

interface Line {
  readonly event: string;
  readonly pid: number;
}

/** The log of one server, line by line. */
class Log {
  readonly events: string[] = [];
  readonly closed: Promise<unknown>;
  readonly #lines: Line[] = [];
  #onLine = (): void => {};

  constructor(lines: Interface) {
    lines.on('line', (text) => {
      const line: Line = text.startsWith('{') ? JSON.parse(text) : { event: text, pid: 0 };
      this.#lines.push(line);
      this.events.push(line.event);
      this.#onLine();
    });
    this.closed = once(lines, 'close');
  }

  /** Waits for the first line of an event. Rejected when the log closes without one. */
  until(event: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      this.#onLine = () => {
        const line = this.#lines.find((candidate) => candidate.event === event);
        if (line !== undefined) {
          resolve(line);
        }
      };
      this.#onLine();
      this.closed.then(() => reject(new Error(`The log ended without ${event}: ${this.events.join(' ')}`)), reject);
    });
  }
}

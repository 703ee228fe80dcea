import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { until } from './processes.ts';
import { UNPRIVILEGED } from './unprivileged.ts';

export interface DaemonOptions {
  readonly command: readonly [string, ...string[]];
  /** Its working folder. */
  readonly folder: string;
  /** What it prints is appended here. */
  readonly log: string;
}

/** A server's process, as an unprivileged user. */
export interface Daemon {
  readonly pid: number;
  isOver(): boolean;
  /** Sends a signal, and settles when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Settles when it is ready; throws with the end of its log where it ends before. Nothing waits for it when this process ends. */
export async function startDaemon(
  { command: [file, ...args], folder, log }: DaemonOptions,
  isReady: (pid: number) => boolean | Promise<boolean>,
): Promise<Daemon> {
  const output = openSync(log, 'a');
  const child = spawn(file, args, {
    ...UNPRIVILEGED,
    cwd: folder,
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', output, output],
    // In a session of its own: Ctrl-C is for the tests, and the watchdog of the folder follows them.
    detached: true,
  });
  closeSync(output);
  child.unref();
  await once(child, 'spawn');
  const pid = Number(child.pid);
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  await until(async () => isOver() || (await isReady(pid)));
  if (isOver()) {
    throw new Error(`${file} did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
  }
  return {
    pid,
    isOver,
    async end(signal) {
      if (isOver()) {
        return;
      }
      const exited = once(child, 'exit');
      child.ref();
      child.kill(signal);
      await exited;
    },
  };
}

/** Whether anybody listens on a port of 127.0.0.1. */
export async function listensOn(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

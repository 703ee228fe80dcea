import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import type { TestStore } from '../support/stores.ts';

const ENTRY = fileURLToPath(new URL('../support/serve.js', import.meta.url));

/** A server in a process of its own. */
export interface ServerProcess {
  readonly httpAddress: string;
  readonly grpcAddress: string;
  readonly child: ChildProcess;
  /** Sends the signal and waits for the end; the exit code, null when the signal itself ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** How a process is started. */
export interface ProcessOptions {
  /** The most descriptors that it may have open. */
  readonly descriptors?: number;
  /** The mask of its files' modes; by default that of this process. */
  readonly umask?: string;
  /** Null: the product makes one. */
  readonly adminToken?: string | null;
  /** AUTHFLOW_DRAIN_TIMEOUT; by default the product's. */
  readonly drainTimeout?: string;
  /** AUTHFLOW_WORKERS; by default the product's. */
  readonly workers?: number;
}

/** Starts the built server over a store, on free ports. It is killed when the test ends. */
export async function startServerProcess(store: TestStore, options: ProcessOptions = {}): Promise<ServerProcess> {
  const child = spawnServer(store, options);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  return listening(child);
}

/** The same for all tests of a file, which ends it itself. */
export function startServerProcessOfFile(store: TestStore, options: ProcessOptions = {}): Promise<ServerProcess> {
  return listening(spawnServer(store, options));
}

function spawnServer(
  store: TestStore,
  { descriptors, umask, adminToken = ADMIN_TOKEN, drainTimeout, workers }: ProcessOptions,
): ChildProcess {
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors} && `;
  const mask = umask === undefined ? '' : `umask ${umask} && `;
  return spawn('/bin/sh', ['-c', `${limit}${mask}exec "$0" "$1"`, process.execPath, ENTRY], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...store.environment,
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
      ...(adminToken === null ? {} : { AUTHFLOW_ADMIN_TOKEN: adminToken }),
      ...(drainTimeout === undefined ? {} : { AUTHFLOW_DRAIN_TIMEOUT: drainTimeout }),
      ...(workers === undefined ? {} : { AUTHFLOW_WORKERS: String(workers) }),
      AUTHFLOW_LOG_LEVEL: 'error',
    },
  });
}

async function listening(child: ChildProcess): Promise<ServerProcess> {
  const addresses = await firstJsonLine(child);
  return {
    ...addresses,
    child,
    async end(signal) {
      const exit = once(child, 'exit');
      child.kill(signal);
      const [code] = await exit;
      return code;
    },
  };
}

async function firstJsonLine(child: ChildProcess): Promise<{ httpAddress: string; grpcAddress: string }> {
  if (child.stdout === null) {
    throw new Error('The process has no output.');
  }
  for await (const line of createInterface(child.stdout)) {
    const value: Record<string, unknown> = JSON.parse(line);
    if (typeof value.httpAddress === 'string' && typeof value.grpcAddress === 'string') {
      child.stdout.resume();
      return { httpAddress: value.httpAddress, grpcAddress: value.grpcAddress };
    }
  }
  throw new Error('The server process ended before it listened.');
}

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { EMBEDDED_18, POSTGRES_ENGINES, type StartedEngine } from './engines.ts';
import { endWithUs } from './watchdog.ts';

/** Where a test asks for the run's server, and which that is. */
export interface SharedPostgresAddress {
  readonly engine: string;
  /** A Unix socket that answers each connection with one line of JSON: `SharedPostgresAnswer`. */
  readonly socket: string;
}

export type SharedPostgresAnswer = { readonly url: string; readonly adminUrl: string } | { readonly error: string };

declare module 'vitest' {
  interface ProvidedContext {
    postgres: SharedPostgresAddress;
  }
}

/**
 * One server for all test files of a project, which vitest's own process starts when the first of them asks, so that a run
 * that needs none starts none. It ends with the run.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = POSTGRES_ENGINES.find(({ name }) => name === project.name) ?? EMBEDDED_18;
  const folder = mkdtempSync(join(tmpdir(), 'authflow-shared-'));
  const callOff = endWithUs(folder);
  let starting: Promise<StartedEngine> | null = null;
  const desk = createServer((socket) => {
    starting ??= engine.start();
    starting
      .then(
        ({ url, adminUrl }): SharedPostgresAnswer => ({ url, adminUrl }),
        (error: unknown): SharedPostgresAnswer => ({ error: `${error}` }),
      )
      .then((answer) => socket.end(JSON.stringify(answer)));
    // A test that ended before its answer is no fault.
    socket.on('error', () => undefined);
  });
  const socket = join(folder, 'socket');
  await new Promise<void>((resolve) => desk.listen(socket, resolve));
  desk.unref();
  project.provide('postgres', { engine: engine.name, socket });

  return async () => {
    desk.close();
    rmSync(folder, { recursive: true });
    callOff();
    await (await starting?.catch(() => undefined))?.[Symbol.asyncDispose]();
  };
}

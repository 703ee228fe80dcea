import { readSettings } from '../config/settings.ts';
import { createLogger } from '../observability/logger.ts';
import { WorkerLink } from '../workers/worker-link.ts';
import type { Terminal } from './command.ts';
import { explain, UsageError } from './failure.ts';
import { surviveRejections } from './serve.ts';

/**
 * Serves as one of several processes, until the supervisor that started it says so or has gone. What keeps it from its start is
 * told by the supervisor alone.
 */
export async function serveAsWorker({ env, endWith }: Pick<Terminal, 'env' | 'endWith'>): Promise<void> {
  ignoreSignals();
  const link = await WorkerLink.connect(process);
  if (link === null) {
    throw new UsageError('"--worker" is how a server starts others of its kind: AUTHFLOW_WORKERS says how many.');
  }
  try {
    await serveFor(link, env);
  } catch (error) {
    const { exitCode, lines } = explain(error);
    await link.notStarted(exitCode, lines);
    endWith(exitCode);
  }
}

async function serveFor(link: WorkerLink, env: Terminal['env']): Promise<void> {
  const settings = readSettings(env);
  const logger = createLogger({ level: settings.logLevel, fields: { worker: link.worker } });
  surviveRejections(logger);
  const { startServer } = await import('../app/server.ts');
  const server = await startServer(settings, { logger, worker: link });
  link.ready(() => server.reloadTls());
  await link.stopAsked;
  await server.stop();
}

/** A terminal's Ctrl-C reaches all processes: the supervisor alone acts on it. */
function ignoreSignals(): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const) {
    process.on(signal, () => undefined);
  }
}

// A server process for tests: `authflow serve` with the cheapest hash. Settings come from the environment. Prints one
// line of JSON with its addresses, ends by SIGTERM.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startServer } from '../../src/app/server.ts';
import { startSupervisedServer } from '../../src/app/supervised-server.ts';
import { surviveRejections } from '../../src/cli/serve.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { WorkerLink } from '../../src/workers/worker-link.ts';

const WORKER = '--worker';

const settings = { ...readSettings(process.env), bcryptCost: 4 };
const logger = createLogger({ level: settings.logLevel });
surviveRejections(logger);
const link = process.argv[2] === WORKER ? await WorkerLink.connect(process) : null;
if (link === null) {
  const server = await start();
  console.log(JSON.stringify({ httpAddress: server.httpAddress, grpcAddress: server.grpcAddress }));
  process.on('SIGTERM', () => void server.stop());
} else {
  const server = await startServer(settings, { logger, worker: link });
  link.ready(() => void server.reloadTls());
  await link.stopAsked;
  await server.stop();
  process.exit();
}

function start() {
  return settings.workers === 1
    ? startServer(settings, { logger })
    : startSupervisedServer(settings, { logger, fork: forkWorker });
}

function forkWorker() {
  return fork(fileURLToPath(import.meta.url), [WORKER], { serialization: 'advanced' });
}

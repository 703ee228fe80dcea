import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '../config/settings.ts';
import { Budgets } from '../domain/limits/budgets.ts';
import type { Logger } from '../observability/logger.ts';
import { Metrics } from '../observability/metrics.ts';
import { RepeatedLines } from '../observability/repeated-lines.ts';
import { MAX_CALL_MS } from '../operations/call.ts';
import { answerWrites, type WriteRequest } from '../storage/write-requests.ts';
import { ConnectionLine } from '../workers/connection-line.ts';
import { SharedPorts } from '../workers/shared-ports.ts';
import { Supervisor } from '../workers/supervisor.ts';
import { requireBreachedPasswords } from './breached-passwords.ts';
import { connectionLimit, descriptorLimit } from './connection-limit.ts';
import { openCore } from './core.ts';
import {
  addressesOf,
  countedHashing,
  firstStart,
  makingStore,
  NOTICE_MS,
  type RunningServer,
  TAKING_SHARE,
  tellStart,
} from './running-server.ts';
import { StoreWatch } from './store-watch.ts';

export interface SupervisedServerOptions {
  readonly logger: Logger;
  /** Makes the process of a worker, with a channel of `serialization: 'advanced'`: bytes pass. It reads the same settings. */
  readonly fork: () => ChildProcess;
}

/** How long a worker may take to end once its drain timeout is over: it lets hashes end, and closes the store. */
const END_WITHIN_MS = 3_000;

/**
 * The service in several processes: this one makes and migrates the store where needed, listens on both ports, hashes for all, and
 * starts `settings.workers` others that serve. Rejected as one process would be, and with WorkersDiedError when workers end too
 * often; then nothing is left. Its `stop` is rejected with StopCutShortError where it had to kill workers.
 */
export async function startSupervisedServer(
  settings: Settings,
  { logger, fork }: SupervisedServerOptions,
): Promise<RunningServer> {
  await requireBreachedPasswords(settings);
  const metrics = new Metrics();
  const hashing = countedHashing(settings, metrics);
  const budgets = new Budgets(settings.limits, () => performance.now());
  metrics.watchLimits({ held: () => budgets.held(), refused: () => [] });
  const repeated = new RepeatedLines(logger);
  const watch = new StoreWatch(logger, repeated);
  metrics.watchStore(() => watch.counts());
  const core = await openCore(settings, {
    ...makingStore(settings, logger),
    writesInThread: true,
    observer: watch,
    hashing,
  }).catch((error: unknown) => {
    repeated.close();
    metrics.close();
    throw error;
  });
  async function letGo(): Promise<void> {
    metrics.close();
    await core.close();
    repeated.close();
  }
  const line = new ConnectionLine();
  const shared = new SharedPorts({
    host: settings.host,
    ports: { http: settings.httpPort, grpc: settings.grpcPort },
    maxOnTheirWay: connectionLimit(descriptorLimit()),
    line,
  });
  const { supervisor, ports } = await start().catch(async (error: unknown) => {
    await letGo();
    throw error;
  });
  tellStart(settings, ports, logger);

  async function start() {
    const ports = await shared.listen();
    const supervisor = new Supervisor({
      workers: settings.workers,
      fork,
      ports,
      line,
      hashing,
      budgets,
      longestCallMs: MAX_CALL_MS,
      answerWrites(say) {
        const answer = answerWrites(core.write, say);
        return (requests) => void answer(requests as readonly WriteRequest[]);
      },
      snapshot: () => metrics.snapshot(),
      logger,
    });
    await supervisor.start().catch((error: unknown) => {
      shared.close();
      throw error;
    });
    return { supervisor, ports };
  }

  let hasFailed = false;
  supervisor.failed.then(() => {
    hasFailed = true;
  });
  let stopped: Promise<void> | null = null;
  async function stop(): Promise<void> {
    const drainEndsAt = performance.now() + settings.drainTimeoutMs;
    const leftMs = () => Math.max(0, drainEndsAt - performance.now());
    supervisor.beginStop();
    await pause(Math.min(NOTICE_MS, settings.drainTimeoutMs));
    const takingEndsAt = performance.now() + leftMs() * TAKING_SHARE;
    await shared.end(takingEndsAt - performance.now());
    await line.end(Math.max(0, takingEndsAt - performance.now()));
    const cut = await supervisor.endStop(leftMs() + END_WITHIN_MS).catch((error: unknown) => error);
    await letGo();
    logger.info('stopped');
    // Why it had to stop says more.
    if (cut !== undefined && !hasFailed) {
      throw cut;
    }
  }
  return {
    ...addressesOf(settings, ports),
    store: core.engine.place,
    firstStart: firstStart(core),
    ports: core.ports,
    failed: supervisor.failed,
    reloadTls: async () => supervisor.reloadTls(),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

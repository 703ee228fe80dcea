import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '../config/settings.ts';
import { systemOrigin } from '../domain/audit/audit-event.ts';
import { EventLoopLag } from '../observability/event-loop-lag.ts';
import { errorFields, type Logger } from '../observability/logger.ts';
import { Metrics } from '../observability/metrics.ts';
import { RepeatedLines } from '../observability/repeated-lines.ts';
import { RemoteWriter } from '../storage/remote-writer.ts';
import { RotationLostError, SecretReplacedError, type StoreError, StoreReplacedError } from '../storage/store-error.ts';
import type { WriteReply, Writer } from '../storage/write-requests.ts';
import { keepByteOrderMarks } from '../transport/text-encoding.ts';
import type { WorkerLink } from '../workers/worker-link.ts';
import { AuditCalls } from './audit-calls.ts';
import { AuditTrail } from './audit-trail.ts';
import { requireBreachedPasswords } from './breached-passwords.ts';
import { CallLog } from './call-log.ts';
import { startClockWatch } from './clock-watch.ts';
import { type Core, openCore } from './core.ts';
import { type LagWatcher, startEntrances } from './entrances.ts';
import { startKeyringRefresh } from './keyring-refresh.ts';
import { limiterOf } from './limiter-of.ts';
import { startMail } from './mail.ts';
import { observeCalls } from './observe-calls.ts';
import { keepUpToDate } from './port-certificates.ts';
import {
  addressesOf,
  countedHashing,
  firstStart,
  makingStore,
  NOTICE_MS,
  type RunningServer,
  remoteHashing,
  TAKING_SHARE,
  tellStart,
} from './running-server.ts';
import { startSchemaWatch } from './schema-watch.ts';
import { SheddingWatch } from './shedding-watch.ts';
import { startSigningKeyRotation } from './signing-key-rotation.ts';
import { StoreWatch } from './store-watch.ts';
import { startSweeper } from './sweeper.ts';

export interface ServerOptions {
  readonly logger: Logger;
  /** Where this process is one of several: its link to what they share. The store is there then. */
  readonly worker?: WorkerLink;
  /** By default the process's own. Whoever keeps the event loop busy beside the server is no reason to refuse calls. */
  readonly watchLag?: LagWatcher;
}

/**
 * Starts the service: opens the store (making and migrating it where needed), then listens on both ports. Rejected,
 * with everything let go, when the store does not open or a port cannot listen.
 */
export async function startServer(
  settings: Settings,
  { logger, worker, watchLag = (onLook) => new EventLoopLag(onLook) }: ServerOptions,
): Promise<RunningServer> {
  keepByteOrderMarks();
  if (worker === undefined) {
    await requireBreachedPasswords(settings);
  }
  const repeated = new RepeatedLines(logger);
  const watch = new StoreWatch(logger, repeated);
  const metrics = new Metrics();
  metrics.watchStore(() => watch.counts());
  const hashing = worker === undefined ? countedHashing(settings, metrics) : remoteHashing(worker, settings, metrics);
  const core = await openCore(settings, {
    // A worker makes none: where it has gone, another worker still serves the store that was there.
    ...(worker === undefined ? makingStore(settings, logger) : { makeStore: false }),
    writesInThread: true,
    writer: worker && settings.database.engine === 'sqlite' ? writerOfAll(worker) : undefined,
    observer: watch,
    hashing,
  }).catch((error: unknown) => {
    repeated.close();
    metrics.close();
    throw error;
  });
  metrics.watchTries(() => core.ports.tryGate.counts);
  const trail = new AuditTrail({ ports: core.ports, logger, metrics });
  const audit = new AuditCalls({ trail, clock: core.ports.clock, logger });
  core.ports.tryEnds.watchHardLocks((lock) => audit.hardLock(lock));
  const shedding = new SheddingWatch({ trail, clock: core.ports.clock, logger });
  const background = startBackground({ settings, core, trail, shedding, logger });
  const calls = new CallLog(logger);
  const limiter = limiterOf(settings, { worker, metrics, logger });
  const observer = observeCalls({ settings, metrics, calls, audit, shedding, logger, repeated });
  const entrances = await startEntrances({
    settings,
    core,
    hashing,
    metrics,
    observer,
    limiter,
    audit,
    logger,
    repeated,
    worker,
    watchLag,
  }).catch(async (error: unknown) => {
    await background.stop();
    await trail.close();
    metrics.close();
    await core.close();
    repeated.close();
    calls.close();
    throw error;
  });
  const mail = startMail({ settings, core, logger, repeated, httpPort: entrances.http.port });
  metrics.watchMail(() => mail.counts);
  const schemaWatch = startSchemaWatch({
    checkStore: () => core.checkStore(),
    async onUnfit(error) {
      entrances.giveUp(error);
      logger.error(unfitEvent(error), { fault: error.message });
      await Promise.all([background.stop(), mail.stop()]);
    },
  });
  const tls = keepUpToDate([entrances.http, entrances.grpc], settings, logger);
  metrics.watchCertificate(() => tls.certificateEndsAt());
  if (worker === undefined) {
    tellStart(settings, { http: entrances.http.port, grpc: entrances.grpc.port }, logger);
  }

  let stopped: Promise<void> | null = null;
  async function stop(): Promise<void> {
    const drainEndsAt = performance.now() + settings.drainTimeoutMs;
    entrances.turnHealth();
    await pause(Math.min(NOTICE_MS, settings.drainTimeoutMs));
    await entrances.takeWaiting(Math.max(0, drainEndsAt - performance.now()) * TAKING_SHARE);
    await tls.stop();
    await entrances.drain(Math.max(0, drainEndsAt - performance.now()));
    await schemaWatch.stop();
    await core.ports.tryEnds.close();
    // What is told of at its end is told at once: the trail has all when it closes.
    await Promise.all([background.stop(), mail.stop(), trail.close()]);
    metrics.close();
    await core.close();
    repeated.close();
    calls.close();
    if (worker === undefined) {
      logger.info('stopped');
    }
  }
  return {
    ...addressesOf(settings, { http: entrances.http.port, grpc: entrances.grpc.port }),
    store: core.engine.place,
    firstStart: firstStart(core),
    ports: core.ports,
    failed: new Promise(() => undefined),
    reloadTls: () => tls.reload(),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** The supervisor's: two processes that write one file meet at its lock, and wait there for longer. */
function writerOfAll(worker: WorkerLink): Writer {
  const writer: RemoteWriter = new RemoteWriter((requests) => send(requests));
  const send = worker.writesTo({
    heard: () => writer.heard(),
    receive: (replies) => writer.receive(replies as readonly WriteReply[]),
    disconnect: () => writer.disconnect(),
  });
  return writer;
}

function unfitEvent(error: StoreError): string {
  if (error instanceof StoreReplacedError) {
    return 'store_moved';
  }
  if (error instanceof RotationLostError) {
    return 'secret_rotation_lost';
  }
  return error instanceof SecretReplacedError ? 'store_of_other_secret' : 'store_of_newer_release';
}

interface Background {
  readonly settings: Settings;
  readonly core: Core;
  readonly trail: AuditTrail;
  readonly shedding: SheddingWatch;
  readonly logger: Logger;
}

function startBackground({ settings, core, trail, shedding, logger }: Background): { stop(): Promise<void> } {
  const { ports } = core;
  const sweeper = startSweeper({
    storage: ports.storage,
    clock: ports.clock,
    auditRetentionMs: settings.auditRetentionMs,
    onError: (error) => logger.warn('sweep_failed', errorFields(error)),
  });
  const refresh = startKeyringRefresh({
    core,
    onError: (error) => logger.error('keyring_refresh_failed', errorFields(error)),
  });
  const rotation = startSigningKeyRotation({
    keyring: core.keyring,
    everyMs: settings.signingKeyRotationMs,
    random: Math.random,
    onRotated: (kid) => logger.info('signing_key_rotated', { kid }),
    onError: (error) => logger.warn('signing_key_not_rotated', errorFields(error)),
  });
  const clockWatch = startClockWatch((jumpedMs) => {
    logger.warn('clock_jumped', { by_ms: jumpedMs });
    trail.add({ type: 'clock.jumped', orgId: null, details: { by_ms: jumpedMs } }, systemOrigin(ports.clock.now()));
  });
  return {
    async stop() {
      clockWatch.stop();
      shedding.stop();
      await Promise.all([sweeper.stop(), refresh.stop(), rotation.stop()]);
    },
  };
}

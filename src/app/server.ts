import { flushCompileCache } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '../config/settings.ts';
import { jwksDocument } from '../crypto/jwks.ts';
import type { Ports } from '../domain/ports.ts';
import { errorFields, errorKind, type Logger } from '../observability/logger.ts';
import { Metrics, PROMETHEUS_CONTENT_TYPE } from '../observability/metrics.ts';
import { RecentValue } from '../observability/recent-value.ts';
import { RepeatedLines } from '../observability/repeated-lines.ts';
import type { CallObserver } from '../operations/call-observer.ts';
import { Operations } from '../operations/pipeline.ts';
import { SERVICES } from '../operations/services.ts';
import { RemoteWriter } from '../storage/remote-writer.ts';
import { StoreReplacedError } from '../storage/store-error.ts';
import type { WriteReply, Writer } from '../storage/write-requests.ts';
import { type GrpcServer, startGrpcServer } from '../transport/grpc/grpc-server.ts';
import { type HttpServer, startHttpServer } from '../transport/http/start-http-server.ts';
import { MAX_HELD_BYTES, STRANGERS_HELD_BYTES } from '../transport/limits.ts';
import { HeldBytes } from '../transport/net/held-bytes.ts';
import { keepByteOrderMarks } from '../transport/text-encoding.ts';
import { TrustedProxies } from '../transport/trusted-proxies.ts';
import type { WorkerLink } from '../workers/worker-link.ts';
import { adminTokenFields } from './admin-token-check.ts';
import { CallLog } from './call-log.ts';
import { connectionLimit, descriptorLimit } from './connection-limit.ts';
import { type Core, openCore } from './core.ts';
import { startKeyringRefresh } from './keyring-refresh.ts';
import { type LateLoading, startLateLoading } from './late-loading.ts';
import { readPackageVersion } from './package-version.ts';
import { certificatesOf, keepUpToDate } from './port-certificates.ts';
import { Readiness } from './readiness.ts';
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
import { startSchemaWatch } from './schema-watch.ts';
import { StoreWatch } from './store-watch.ts';
import { startSweeper } from './sweeper.ts';

/** How long a page of metrics waits for the store: less than a supervisor waits for a worker's. */
const READY_WITHIN_MS = 500;

export interface ServerOptions {
  readonly logger: Logger;
  /** Where this process is one of several: its link to what they share. The store is there then. */
  readonly worker?: WorkerLink;
}

/**
 * Starts the service: opens the store (making and migrating it where needed), then listens on both ports. Rejected,
 * with everything let go, when the store does not open or a port cannot listen.
 */
export async function startServer(settings: Settings, { logger, worker }: ServerOptions): Promise<RunningServer> {
  keepByteOrderMarks();
  const repeated = new RepeatedLines(logger);
  const watch = new StoreWatch(logger, repeated);
  const metrics = new Metrics();
  metrics.watchStore(() => watch.counts());
  const hashing = worker?.hashing(settings.bcryptCost) ?? countedHashing(settings, metrics);
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
  const background = startBackground(core, logger);
  const calls = new CallLog(logger);
  const observer = observe({ settings, metrics, calls, logger, repeated });
  const entrances = await startEntrances({ settings, core, metrics, observer, logger, repeated, worker }).catch(
    async (error: unknown) => {
      await background.stop();
      metrics.close();
      await core.close();
      throw error;
    },
  );
  const schemaWatch = startSchemaWatch({
    checkStore: () => core.checkStore(),
    async onUnfit(error) {
      entrances.giveUp(error);
      logger.error(error instanceof StoreReplacedError ? 'store_moved' : 'store_of_newer_release', {
        fault: error.message,
      });
      await background.stop();
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
    await background.stop();
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

interface Entrances {
  readonly http: HttpServer;
  readonly grpc: GrpcServer;
  /** Takes the connections that wait in line. */
  takeWaiting(timeoutMs: number): Promise<void>;
  turnHealth(): void;
  /** Turns health, and refuses every call from now on. */
  giveUp(cause: Error): void;
  drain(deadlineMs: number): Promise<void>;
}

interface EntrancesOptions {
  readonly settings: Settings;
  readonly core: Core;
  readonly metrics: Metrics;
  readonly observer: CallObserver;
  readonly logger: Logger;
  readonly repeated: RepeatedLines;
  readonly worker: WorkerLink | undefined;
}

async function startEntrances(options: EntrancesOptions): Promise<Entrances> {
  const { settings, metrics, observer, logger, repeated, worker } = options;
  const { ports, keyring } = options.core;
  const heldBytes = new HeldBytes({
    identifyApiKey: (apiKey) => identifyApiKey(ports, apiKey),
    most: MAX_HELD_BYTES / settings.workers,
    strangersMost: STRANGERS_HELD_BYTES / settings.workers,
  });
  metrics.watchHeldBytes(() => heldBytes.total);
  let isServing = true;
  const shared = {
    operations: new Operations({ services: SERVICES, ports, observer }),
    proxies: new TrustedProxies(settings.trustedProxies),
    heldBytes,
    host: settings.host,
    tls: certificatesOf(settings),
    maxConnections: connectionLimit(descriptorLimit(), settings.workers),
  };
  const readiness = new Readiness({
    ping: () => ports.storage.ping(),
    onTurn: (error) =>
      error === null ? logger.info('store_writable') : logger.error('store_not_writable', errorFields(error)),
  });
  let loading: LateLoading | null = null;
  const isSound = () => loading?.isSound() !== false;
  const isReadyNow = () => isServing && isSound() && readiness.lastFound;
  metrics.watchReadiness(isReadyNow);
  const snapshot = async () => {
    await readiness.look(READY_WITHIN_MS);
    return metrics.snapshot();
  };
  worker?.watchMetrics(snapshot);
  // Anybody may ask for it, and to make one costs milliseconds.
  const page = new RecentValue(async () => {
    const all = (await worker?.metricsOfAll()) ?? (await snapshot());
    // Of a supervisor that does not answer this is what it said last.
    return Buffer.from(await metrics.render({ ...all, isReady: all.isReady !== false && isReadyNow() }));
  });
  const http = await startHttpServer({
    ...shared,
    port: settings.httpPort,
    source: worker?.source('http'),
    idleTimeoutMs: settings.httpIdleTimeoutMs,
    version: readPackageVersion(),
    allowedOrigins: new Set(settings.allowedOrigins),
    identifyApiKey: (apiKey) => identifyApiKey(ports, apiKey),
    reportLeakedKey: (keyId, address) => logger.warn('api_key_in_browser', { key_id: keyId, address }),
    ops: {
      jwks: async () => JSON.stringify(jwksDocument(keyring, ports.clock.now())),
      isReady: async () => isSound() && readiness.isReady(),
      metrics: () => page.get(),
      metricsContentType: PROMETHEUS_CONTENT_TYPE,
    },
  });
  const grpc = await startGrpcServer({
    ...shared,
    port: settings.grpcPort,
    source: worker?.source('grpc'),
    log: {
      ...logger,
      // The library complains of a request, as strangers can send them: of each.
      warn: (event, fields = {}) => repeated.write({ level: 'warn', event, kind: fields }),
    },
  }).catch(async (error: unknown) => {
    await http.drain(0);
    throw error;
  });
  const late = startLateLoading(
    [
      { name: 'jsonwebtoken', load: () => options.core.load() },
      { name: 'grpc', load: () => grpc.load() },
      { name: 'connect', load: () => http.load() },
      { name: 'metrics', load: () => metrics.load() },
      // Last: what was compiled for all of them is kept for the next start, even where this process is killed.
      { name: 'compiled_code', load: async () => flushCompileCache() },
    ],
    (name, error) => logger.error('not_loaded', { library: name, ...errorFields(error) }),
  );
  loading = late;
  const turnHealth = () => {
    isServing = false;
    grpc.setServing(false);
    http.setServing(false);
  };
  return {
    http,
    grpc,
    async takeWaiting(timeoutMs) {
      await Promise.all([http.takeWaiting(timeoutMs), grpc.takeWaiting(timeoutMs)]);
    },
    turnHealth,
    giveUp(cause) {
      turnHealth();
      shared.operations.refuseAll(cause);
    },
    async drain(deadlineMs) {
      await Promise.all([grpc.drain(deadlineMs), http.drain(deadlineMs), late.stop()]);
    },
  };
}

function startBackground(core: Core, logger: Logger): { stop(): Promise<void> } {
  const { ports } = core;
  const sweeper = startSweeper({
    storage: ports.storage,
    clock: ports.clock,
    onError: (error) => logger.warn('sweep_failed', errorFields(error)),
  });
  const refresh = startKeyringRefresh({
    core,
    onError: (error) => logger.error('keyring_refresh_failed', errorFields(error)),
  });
  return {
    async stop() {
      await Promise.all([sweeper.stop(), refresh.stop()]);
    },
  };
}

/** A store that was just made has its greeting. */
interface Observers {
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly calls: CallLog;
  readonly logger: Logger;
  readonly repeated: RepeatedLines;
}

function observe({ settings, metrics, calls, logger, repeated }: Observers): CallObserver {
  return {
    answered(call) {
      metrics.recordCall(call);
      calls.answered(call);
    },
    failed({ method, reason, requestId, error }) {
      const details = () => ({ ...errorFields(error), ...adminTokenFields(error, settings) });
      if (requestId !== null) {
        // Always a line of its own: the caller was told its id.
        logger.error('call_failed', { method, request_id: requestId, ...details() });
        return;
      }
      const kind = { method, reason, ...errorKind(error) };
      repeated.write({ level: 'error', event: 'call_failed', kind, details });
    },
    refusedConnection: (port) => repeated.write({ level: 'warn', event: 'connection_refused', kind: { port } }),
  };
}

async function identifyApiKey({ apiKeys, storage }: Ports, apiKey: string): Promise<string | null> {
  const apiKeyHash = apiKeys.hash(apiKey);
  const owner = apiKeyHash === null ? null : await storage.findApiKey(apiKeyHash);
  return owner?.keyId ?? null;
}

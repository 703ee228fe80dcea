import { flushCompileCache } from 'node:module';
import type { Settings } from '../config/settings.ts';
import type { Hashing } from '../crypto/hash-pool.ts';
import { jwksDocument } from '../crypto/jwks.ts';
import type { ApiKeyOwner } from '../domain/organizations/storage.ts';
import type { Ports } from '../domain/ports.ts';
import { requireIdentifiedTenant } from '../domain/tenant.ts';
import { errorFields, type Logger } from '../observability/logger.ts';
import { type Metrics, PROMETHEUS_CONTENT_TYPE } from '../observability/metrics.ts';
import { RecentValue } from '../observability/recent-value.ts';
import type { RepeatedLines } from '../observability/repeated-lines.ts';
import type { CallObserver } from '../operations/call-observer.ts';
import type { Limiter } from '../operations/limiter.ts';
import { Operations } from '../operations/pipeline.ts';
import { servicesUnder } from '../operations/services.ts';
import { Admission } from '../transport/admission/admission.ts';
import { type GrpcServer, startGrpcServer } from '../transport/grpc/grpc-server.ts';
import { type HttpServer, startHttpServer } from '../transport/http/start-http-server.ts';
import { MAX_HELD_ANSWERS, MAX_HELD_BYTES, STRANGERS_HELD_BYTES } from '../transport/limits.ts';
import { HeldAnswers } from '../transport/net/held-answers.ts';
import { HeldBytes } from '../transport/net/held-bytes.ts';
import { TrustedProxies } from '../transport/trusted-proxies.ts';
import type { WorkerLink } from '../workers/worker-link.ts';
import { accountPageSources } from './account-pages.ts';
import type { AuditCalls } from './audit-calls.ts';
import { connectionLimit, descriptorLimit } from './connection-limit.ts';
import type { Core } from './core.ts';
import { type LateLoading, startLateLoading } from './late-loading.ts';
import { readPackageVersion } from './package-version.ts';
import { certificatesOf } from './port-certificates.ts';
import { Readiness } from './readiness.ts';

/** How long a page of metrics waits for the store: less than a supervisor waits for a worker's. */
const READY_WITHIN_MS = 500;

/** Both ports, and what they share. */
export interface Entrances {
  readonly http: HttpServer;
  readonly grpc: GrpcServer;
  /** Takes the connections that wait in line. */
  takeWaiting(timeoutMs: number): Promise<void>;
  /** From now on health says that this server is not to be asked. */
  turnHealth(): void;
  /** Turns health, and refuses every call from now on. */
  giveUp(cause: Error): void;
  /** Answers what is under way, and ends connections; cuts off what is left after so long. */
  drain(deadlineMs: number): Promise<void>;
}

/** Tells `onLook`, again and again, how late the event loop runs, in milliseconds; until it is closed. */
export type LagWatcher = (onLook: (standingMs: number) => void) => { close(): void };

export interface EntrancesOptions {
  readonly settings: Settings;
  readonly core: Core;
  /** Where passwords are hashed. */
  readonly hashing: Hashing;
  readonly metrics: Metrics;
  readonly observer: CallObserver;
  readonly limiter: Limiter;
  readonly audit: AuditCalls;
  readonly logger: Logger;
  readonly repeated: RepeatedLines;
  readonly worker: WorkerLink | undefined;
  /** Tells how late the event loop runs. */
  readonly watchLag: LagWatcher;
}

/** Listens on both ports. Rejected, with everything let go, where one cannot. */
export async function startEntrances(options: EntrancesOptions): Promise<Entrances> {
  const { settings, metrics, observer, limiter, logger, repeated, worker } = options;
  const { ports, keyring } = options.core;
  const heldBytes = new HeldBytes({
    identifyApiKey: async (apiKey) => (await identifyApiKey(ports, apiKey))?.keyId ?? null,
    most: MAX_HELD_BYTES / settings.workers,
    strangersMost: STRANGERS_HELD_BYTES / settings.workers,
  });
  metrics.watchHeldBytes(() => heldBytes.total);
  let isServing = true;
  const proxies = new TrustedProxies(settings.trustedProxies);
  const admission = new Admission({
    waitFor: (caller) => options.hashing.waitFor(caller),
    identify: (apiKey) => requireIdentifiedTenant(ports, { apiKey, orgId: '' }),
    isProxy: (address) => proxies.isProxy(address),
  });
  metrics.watchAdmission(() => admission.counters());
  const shared = {
    operations: new Operations({ services: servicesUnder(ports.rules), ports, observer, limiter }),
    proxies,
    heldBytes,
    heldAnswers: new HeldAnswers(Math.ceil(MAX_HELD_ANSWERS / settings.workers)),
    admission,
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
    reportLeakedKey: (key, sighting) => options.audit.keyInBrowser(key, sighting),
    pages: accountPageSources(ports),
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
  const lag = options.watchLag((standingMs) => admission.look(standingMs));
  const late = startLateLoading(
    [
      { name: 'jsonwebtoken', load: () => options.core.load() },
      { name: 'grpc', load: () => grpc.load() },
      { name: 'connect', load: () => http.load() },
      { name: 'metrics', load: () => metrics.load() },
      { name: 'totp', load: () => options.core.loadTotp() },
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
      lag.close();
    },
  };
}

async function identifyApiKey({ apiKeys, storage }: Ports, apiKey: string): Promise<ApiKeyOwner | null> {
  const apiKeyHash = apiKeys.hash(apiKey);
  return apiKeyHash === null ? null : storage.findApiKey(apiKeyHash);
}

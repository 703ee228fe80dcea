import type { Settings } from '../config/settings.ts';
import { type Hashing, HashPool } from '../crypto/hash-pool.ts';
import type { Ports } from '../domain/ports.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { WorkerLink } from '../workers/worker-link.ts';
import { ADMIN_TOKEN_REMEDY, adminTokenFault } from './admin-token-check.ts';
import type { Core, CoreOptions } from './core.ts';
import { refuseTakenPorts } from './free-ports.ts';
import { hashParameters } from './hash-parameters.ts';

/** A server that listens on both ports. */
export interface RunningServer {
  /** Where the HTTP port answers, as `http://127.0.0.1:8080`. */
  readonly httpAddress: string;
  /** Where the gRPC port answers, as `127.0.0.1:50051`. */
  readonly grpcAddress: string;
  /** Where the store is, as sentences name it. */
  readonly store: string;
  /** What the first start made; null on every later one, and on PostgreSQL. */
  readonly firstStart: FirstStart | null;
  readonly ports: Ports;
  /** Fulfilled with why it cannot go on, and is to be stopped. */
  readonly failed: Promise<Error>;
  /** Reads the TLS files again, and tells the log what came of it. Never rejected. */
  reloadTls(): Promise<void>;
  /**
   * Stops gracefully: health turns first, a moment later new work is refused, work in flight ends or is cut off after
   * the drain timeout, then the hashing and the store are let go. Repeating it waits for the same end.
   */
  stop(): Promise<void>;
}

/** What a first start made, for the operator. */
export interface FirstStart {
  readonly dataDir: string;
  /** Null where the settings give the secret. */
  readonly secretFile: string | null;
  /** The token that was made; null where the settings give one. Never log it. */
  readonly adminToken: string | null;
  readonly adminTokenFile: string | null;
}

/**
 * How long a server whose health has turned serves as before: what was sent until then arrives and is answered, and
 * callers who ask for its health by a new connection are told before there is none to be had (docs/security.md, R7).
 */
export const NOTICE_MS = 100;

/** The most of the drain timeout that goes to taking connections; the rest is for the calls that they bring. */
export const TAKING_SHARE = 0.5;

/** How the store is opened by whoever makes and migrates it: a start that is to fail changes nothing. */
export function makingStore(
  settings: Settings,
  logger: Logger,
): Pick<CoreOptions, 'makeStore' | 'beforeMigrating' | 'onMigrated'> {
  return {
    makeStore: true,
    beforeMigrating: () => refuseTakenPorts(settings),
    onMigrated(applied) {
      const from = (applied[0]?.version ?? 1) - 1;
      if (from > 0) {
        logger.info('store_migrated', { from, to: applied.at(-1)?.version ?? from });
      }
    },
  };
}

/** A pool of this process, which its metrics show. */
export function countedHashing(settings: Settings, metrics: Metrics): HashPool {
  const pool = new HashPool({ parameters: hashParameters(settings) });
  metrics.watchHashQueue({
    length: () => pool.counters().slots,
    hashes: () => pool.counters().hashes,
    refused: () => pool.counters().refused,
  });
  return pool;
}

/** The supervisor's pool, as a worker has it: what hashes and waits there the supervisor shows, what is refused here its metrics. */
export function remoteHashing(worker: WorkerLink, settings: Settings, metrics: Metrics): Hashing {
  const hashing = worker.hashing(hashParameters(settings));
  metrics.watchHashQueue({ length: () => 0, hashes: () => 0, refused: () => hashing.refused });
  return hashing;
}

/** Tells the log that the server answers, and what of it does not work. */
export function tellStart(settings: Settings, ports: Readonly<Record<'http' | 'grpc', number>>, logger: Logger): void {
  const fault = adminTokenFault(settings);
  if (fault !== null) {
    logger.error('admin_token_unusable', { fault, remedy: ADMIN_TOKEN_REMEDY });
  }
  logger.info('started', { http_port: ports.http, grpc_port: ports.grpc });
}

/** Where both ports answer. */
export function addressesOf(
  { tls, host }: Settings,
  { http, grpc }: Readonly<Record<'http' | 'grpc', number>>,
): Pick<RunningServer, 'httpAddress' | 'grpcAddress'> {
  return {
    httpAddress: `${tls === null ? 'http' : 'https'}://${authority(host, http)}`,
    grpcAddress: authority(host, grpc),
  };
}

/** What the operator is told of a first start. */
export function firstStart({ made }: Pick<Core, 'made'>): FirstStart | null {
  if (made === null) {
    return null;
  }
  const { paths, madeSecret, adminToken } = made;
  return {
    dataDir: paths.dataDir,
    secretFile: madeSecret ? paths.secretFile : null,
    adminToken,
    adminTokenFile: adminToken === null ? null : paths.adminTokenFile,
  };
}

function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

import type { TestContext } from 'vitest';
import { needs } from '../needs.ts';
import { DEBIAN_HAPROXY } from './cluster.ts';
import { DEBIAN_PGBOUNCER } from './pgbouncer.ts';
import { DEBIAN_15 } from './server.ts';

/** Skips a test of Debian's PostgreSQL 15 where that is not installed. */
export function needsPostgres15(context: Pick<TestContext, 'skip'>): void {
  needs(context, 'PostgreSQL 15: apt-get install postgresql-15', [`${DEBIAN_15}/postgres`, '--version']);
}

/** Skips a test of Debian's PgBouncer where that is not installed. */
export function needsPgBouncer(context: Pick<TestContext, 'skip'>): void {
  needs(context, 'PgBouncer: apt-get install pgbouncer', [DEBIAN_PGBOUNCER, '--version']);
}

/** Skips a test of a cluster where Debian's Patroni, etcd, HAProxy or PostgreSQL 15 is not installed. */
export function needsCluster(context: Pick<TestContext, 'skip'>): void {
  needsPostgres15(context);
  needs(context, 'Patroni: apt-get install patroni', ['patroni', '--version']);
  needs(context, 'etcd: apt-get install etcd-server', ['etcd', '--version']);
  needs(context, 'HAProxy: apt-get install haproxy', [DEBIAN_HAPROXY, '-v']);
}

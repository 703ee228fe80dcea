import type { AuditEvent } from '../domain/audit/audit-event.ts';
import { AuditFollower, type FollowedLog } from '../domain/audit/audit-follower.ts';
import type { AuditFilter } from '../domain/audit/storage.ts';
import { AuthError, type ErrorReason } from '../domain/errors.ts';

/** Of a store that is out of reach for a while: a failover, a restart, a connection that was cut. */
const PASSING: ReadonlySet<ErrorReason> = new Set<ErrorReason>(['UNAVAILABLE', 'DEADLINE_EXCEEDED']);

export interface FollowOptions {
  readonly filter: AuditFilter;
  readonly signal: AbortSignal;
  /** Fulfilled a second later, or when it is stopped. */
  readonly pause: () => Promise<void>;
  /** Told when the store is out of reach, and when it is there again. */
  readonly notice: (text: string) => Promise<void>;
}

/**
 * What there is since the asked-for instant, where one is, and then what comes: each event once. It outlasts a store that is out of
 * reach, once it has begun, and misses nothing by that. Throws what the store throws besides.
 */
export async function* followedEvents(
  log: FollowedLog,
  { filter, signal, pause, notice }: FollowOptions,
): AsyncGenerator<readonly AuditEvent[]> {
  const follower = new AuditFollower(log);
  await follower.start(filter.from, performance.now());
  let isOutOfReach = false;
  while (!signal.aborted) {
    const events = await follower.next(performance.now()).catch(reasonOfPassing);
    if (typeof events === 'string') {
      if (!isOutOfReach) {
        await notice(`The store cannot be read (${events}). It is tried again every second.`);
      }
      isOutOfReach = true;
      await pause();
      continue;
    }
    if (isOutOfReach) {
      isOutOfReach = false;
      await notice('The store can be read again.');
    }
    yield events.filter((event) => matches(filter, event));
    if (events.length === 0) {
      await pause();
    }
  }
}

function reasonOfPassing(error: unknown): ErrorReason {
  if (error instanceof AuthError && PASSING.has(error.reason)) {
    return error.reason;
  }
  throw error;
}

function matches({ orgId, userId, type, from }: AuditFilter, event: AuditEvent): boolean {
  return (
    (orgId === null || event.orgId === orgId) &&
    (userId === null || event.userId === userId) &&
    (type === null || event.type === type) &&
    (from === null || event.createdAt >= from)
  );
}

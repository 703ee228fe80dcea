import { expect, onTestFinished, test, vi } from 'vitest';
import { AuditTrail } from '../../src/app/audit-trail.ts';
import { RandomIdSource } from '../../src/crypto/id-source.ts';
import { type AuditEvent, systemOrigin } from '../../src/domain/audit/audit-event.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { Metrics } from '../../src/observability/metrics.ts';
import { MemoryStore } from '../support/storage/memory-storage.ts';

type Write = (events: readonly AuditEvent[]) => Promise<void>;

/** A trail whose store does as it is told, with what it has written and logged. Time stands still but where a test passes it. */
function trailOver(record: Write) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const lines: { readonly event: string; readonly events?: number }[] = [];
  const metrics = new Metrics();
  onTestFinished(() => metrics.close());
  const written: AuditEvent[] = [];
  const ports: Pick<Ports, 'storage' | 'clock' | 'ids'> = {
    storage: {
      ...new MemoryStore().open(),
      async recordAuditEvents(events) {
        await record(events);
        written.push(...events);
      },
    },
    clock: { now: Date.now },
    ids: new RandomIdSource(),
  };
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  const trail = new AuditTrail({ ports, logger: createLogger({ level: 'info', destination }), metrics });
  const fail = (times: number) => {
    for (let n = 0; n < times; n += 1) {
      const facts = { type: 'login.failed', reason: 'CREDENTIALS_INVALID', orgId: null } as const;
      trail.add(facts, systemOrigin(Date.now()));
    }
  };
  return { trail, fail, written, lost: () => lines.filter(({ event }) => event === 'audit_events_lost') };
}

const countsOf = (events: readonly AuditEvent[]) => events.reduce((sum, { count }) => sum + count, 0);

test('what a stop cannot write is told by its number, what waits behind a write that failed and what is counted included (W13)', async () => {
  const { trail, fail, lost } = trailOver(() => Promise.reject(new Error('out of reach')));
  fail(1);
  await vi.advanceTimersByTimeAsync(1_000);
  fail(100);
  await trail.close();
  expect(lost()).toMatchObject([{ events: 101 }]);
});

test('a stop waits two seconds for a store that does not answer, and tells what it left (W13)', async () => {
  const { trail, fail, lost } = trailOver(() => new Promise(() => undefined));
  fail(1);
  await vi.advanceTimersByTimeAsync(1_000);
  fail(50);
  let isClosed = false;
  const closing = trail.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(1_999);
  expect(isClosed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await closing;
  expect(lost()).toMatchObject([{ events: 51 }]);
});

test('a stop writes all that there is where the store answers again (W13)', async () => {
  let isThere = false;
  const { trail, fail, written, lost } = trailOver(() =>
    isThere ? Promise.resolve() : Promise.reject(new Error('no')),
  );
  fail(30);
  await vi.advanceTimersByTimeAsync(1_000);
  fail(300);
  isThere = true;
  await trail.close();
  expect(countsOf(written)).toBe(330);
  expect(lost()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

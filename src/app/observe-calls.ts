import type { Settings } from '../config/settings.ts';
import { errorFields, errorKind, type Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { RepeatedLines } from '../observability/repeated-lines.ts';
import type { CallObserver } from '../operations/call-observer.ts';
import { adminTokenFields } from './admin-token-check.ts';
import type { AuditCalls } from './audit-calls.ts';
import type { CallLog } from './call-log.ts';
import type { SheddingWatch } from './shedding-watch.ts';

export interface Observers {
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly calls: CallLog;
  readonly audit: AuditCalls;
  readonly shedding: SheddingWatch;
  readonly logger: Logger;
  readonly repeated: RepeatedLines;
}

/** Tells metrics and log what became of each call. */
export function observeCalls({ settings, metrics, calls, audit, shedding, logger, repeated }: Observers): CallObserver {
  return {
    answered(call) {
      metrics.recordCall(call);
      calls.answered(call);
      audit.answered(call);
      if (call.reason === 'OVERLOADED') {
        shedding.refused();
      }
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

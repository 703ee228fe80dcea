import { create } from '@bufbuild/protobuf';
import {
  type AuditEvent,
  AuditEventSchema,
  AuditService,
  ListAuditEventsResponseSchema,
} from '#gen/authflow/v1/audit_service_pb.js';
import type { AuditEvent as StoredAuditEvent } from '../domain/audit/audit-event.ts';
import { listAuditEvents, readAuditPage } from '../domain/audit/list-audit-events.ts';
import { ADMINISTRATOR } from './access.ts';
import { MAX_CALL_MS } from './call.ts';
import { operation, type Service } from './operation.ts';
import { timestampOf } from './timestamp.ts';

/** The audit log, for operators. */
export const AUDIT: Service = {
  descriptor: AuditService,
  title: 'Audit',
  sometimes: [],
  mayBeEmpty: ['org_id', 'key_id', 'user_id'],
  operations: [
    operation({
      method: AuditService.method.listAuditEvents,
      access: ADMINISTRATOR,
      limits: { longestMs: MAX_CALL_MS },
      rest: {
        methods: ['GET'],
        path: '/audit-events',
        summary: 'List events of the audit log',
        success: 'Here are the events.',
        bounds: { page_size: { minimum: 0, maximum: 200, default: 50 } },
      },
      reasons: [],
      read: readAuditPage,
      async run(ports, parameters, _caller, call) {
        const { events, nextPageToken } = await listAuditEvents(ports, parameters, call);
        return create(ListAuditEventsResponseSchema, { events: events.map(eventOf), nextPageToken });
      },
    }),
  ],
};

function eventOf({
  orgId,
  keyId,
  userId,
  targetId,
  reason,
  requestId,
  createdAt,
  details,
  ...event
}: StoredAuditEvent): AuditEvent {
  return create(AuditEventSchema, {
    ...event,
    createdAt: timestampOf(createdAt),
    orgId: orgId ?? '',
    keyId: keyId ?? '',
    userId: userId ?? '',
    targetId: targetId ?? '',
    result: reason === null ? 'success' : 'refused',
    reason: reason ?? '',
    requestId: requestId ?? '',
    details: Object.entries(details).map(([name, value]) => ({ name, value: String(value) })),
  });
}

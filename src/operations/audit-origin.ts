import type { AuditOrigin } from '../domain/audit/audit-event.ts';
import { claimedAddress, claimedText } from '../domain/audit/claimed-text.ts';
import type { CallOrigin } from './call-observer.ts';

/** Where a call comes from, for the audit log. Who was refused before it was known who calls counts as a caller without a key. */
export function auditOriginOf(
  { caller, keyId, address, clientIp, userAgent, requestId }: CallOrigin,
  at: number,
): AuditOrigin {
  return {
    at,
    actor: caller ?? 'no_key',
    keyId,
    requestId,
    address,
    claimedClientIp: claimedAddress(clientIp),
    claimedUserAgent: claimedText(userAgent),
  };
}

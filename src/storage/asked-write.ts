import type { AuditOrigin } from '../domain/audit/audit-event.ts';
import type { WriteName } from './operations.ts';

/** A write as it was asked for. */
export interface AskedWrite {
  readonly name: WriteName;
  readonly args: readonly unknown[];
  /** Where it comes from, for the audit log. */
  readonly origin: AuditOrigin;
}

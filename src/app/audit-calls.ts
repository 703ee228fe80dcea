import { type AuditEventType, type AuditOrigin, systemOrigin } from '../domain/audit/audit-event.ts';
import type { ErrorReason } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { Logger } from '../observability/logger.ts';
import { OncePerMinute } from '../observability/once-per-minute.ts';
import { auditOriginOf } from '../operations/audit-origin.ts';
import type { AnsweredCall } from '../operations/call-observer.ts';
import type { LeakedKey, LeakSighting } from '../transport/http/browser-guard.ts';
import type { AuditTrail } from './audit-trail.ts';

/** Which refusals of which call are events. They change nothing in the store, so that no write tells of them. */
const REFUSALS: Readonly<
  Record<string, { readonly type: AuditEventType; readonly reasons: ReadonlySet<ErrorReason> }>
> = {
  Login: {
    type: 'login.failed',
    reasons: new Set(['CREDENTIALS_INVALID', 'USER_NOT_FOUND', 'USER_DISABLED', 'ACCOUNT_LOCKED']),
  },
  ChangePassword: {
    type: 'user.password_change_failed',
    reasons: new Set(['CREDENTIALS_INVALID', 'ACCOUNT_LOCKED']),
  },
  ResetPassword: {
    type: 'user.password_reset_failed',
    reasons: new Set(['TOKEN_INVALID', 'TOKEN_EXPIRED', 'CREDENTIALS_INVALID']),
  },
  ChangeEmail: { type: 'user.reauthentication_failed', reasons: new Set(['CREDENTIALS_INVALID']) },
  DeleteAccount: { type: 'user.reauthentication_failed', reasons: new Set(['CREDENTIALS_INVALID']) },
  EnableTotp: { type: 'user.reauthentication_failed', reasons: new Set(['CREDENTIALS_INVALID']) },
  DisableTotp: { type: 'user.reauthentication_failed', reasons: new Set(['CREDENTIALS_INVALID']) },
  RegenerateRecoveryCodes: { type: 'user.reauthentication_failed', reasons: new Set(['CREDENTIALS_INVALID']) },
  SignUp: { type: 'user.sign_up_failed', reasons: new Set(['USER_EXISTS']) },
};

/** The calls of which nothing but codes can be locked. */
const TAKES_CODES_ALONE: ReadonlySet<string> = new Set([
  'ConfirmTotp',
  'VerifyTotp',
  'VerifyEmailCode',
  'VerifyRecoveryCode',
  'DisableTotp',
  'RegenerateRecoveryCodes',
  'ChangeEmail',
  'DeleteAccount',
]);

/** A hard lock that began. */
export interface HardLock {
  readonly orgId: string | null;
  /** Null where the e-mail is nobody's. */
  readonly userId: string | null;
  readonly origin: AuditOrigin;
}

export interface AuditCallsOptions {
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tells the audit log of refused calls that matter to it. A call that went well is told by its write. */
export class AuditCalls {
  readonly #options: AuditCallsOptions;
  readonly #revokedKeys = new OncePerMinute();

  constructor(options: AuditCallsOptions) {
    this.#options = options;
  }

  answered(call: AnsweredCall): void {
    const { reason, subject } = call;
    if (reason === null) {
      return;
    }
    const { trail, clock } = this.#options;
    if (subject.beganHardLock) {
      const origin = call.origin();
      const { orgId } = origin;
      this.hardLock({ orgId, userId: subject.userId ?? null, origin: auditOriginOf(origin, clock.now()) });
    }
    if (subject.revokedKeyId !== undefined) {
      this.#revokedKey(call, subject.revokedKeyId);
      return;
    }
    const type = typeOf(call.method, reason);
    if (type !== null) {
      const origin = call.origin();
      const orgId = origin.orgId ?? subject.orgId ?? null;
      trail.add({ type, reason, orgId, userId: subject.userId ?? null }, auditOriginOf(origin, clock.now()));
    }
  }

  /** A page that holds a key gives it to everybody: it is named. To be called once a minute and key. */
  keyInBrowser({ orgId, keyId }: LeakedKey, { address, requestId }: LeakSighting): void {
    const { trail, clock, logger } = this.#options;
    logger.warn('api_key_in_browser', { request_id: requestId, key_id: keyId, org_id: orgId, address });
    // Nothing was proven by it: who sent it is a stranger.
    const origin = { ...systemOrigin(clock.now()), actor: 'no_key' as const, address, requestId };
    trail.add({ type: 'api_key.seen_in_browser', reason: 'ORIGIN_REFUSED', orgId, targetId: keyId }, origin);
  }

  /**
   * That of a user is in the audit log by its write. Where users are hidden one of nobody is an alarm, too: a stranger who reads the metrics
   * would know it by that.
   */
  hardLock({ orgId, userId, origin }: HardLock): void {
    const { trail } = this.#options;
    if (userId !== null) {
      trail.alarm('user.hard_locked');
      return;
    }
    trail.add({ type: 'user.hard_locked', reason: 'USER_NOT_FOUND', orgId }, origin);
  }

  /** Whoever uses one may have stolen it, or has not heard of the revocation: it is named once a minute. */
  #revokedKey(call: AnsweredCall, keyId: string): void {
    if (!this.#revokedKeys.isDue(keyId)) {
      return;
    }
    const { trail, clock, logger } = this.#options;
    const orgId = call.subject.orgId ?? null;
    const origin = auditOriginOf(call.origin(), clock.now());
    const { address, requestId } = origin;
    logger.warn('revoked_api_key_used', { request_id: requestId, key_id: keyId, org_id: orgId, address });
    trail.add({ type: 'api_key.used_after_revocation', reason: call.reason, orgId, targetId: keyId }, origin);
  }
}

function typeOf(method: string, reason: ErrorReason): AuditEventType | null {
  if (reason === 'ADMIN_TOKEN_INVALID') {
    return 'admin_token.refused';
  }
  // Whatever call a code came with.
  if (reason === 'CODE_INVALID' || (reason === 'ACCOUNT_LOCKED' && TAKES_CODES_ALONE.has(method))) {
    return 'user.second_factor_failed';
  }
  const refusals = REFUSALS[method];
  return refusals?.reasons.has(reason) ? refusals.type : null;
}

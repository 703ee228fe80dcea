import { CALLER_CLASSES } from '../caller.ts';
import type { ErrorReason } from '../errors.ts';

/**
 * Every kind of security event, as `subject.what_happened`. Public, like reasons of errors: never renamed or reused; readers must
 * expect more. What each means is said in docs/operations.md, "Audit log".
 */
export const AUDIT_EVENT_TYPES = [
  'organization.created',
  'organization.updated',
  'organization.closed',
  'organization.reopened',
  'organization.sessions_ended',
  'api_key.created',
  'api_key.revoked',
  'api_key.used_after_revocation',
  'api_key.seen_in_browser',
  'user.created',
  'user.updated',
  'user.impersonated',
  'user.mail_token_created',
  'user.signed_up',
  'user.sign_up_failed',
  'user.imported',
  'user.disabled',
  'user.enabled',
  'user.deleted',
  'user.password_changed',
  'user.password_change_failed',
  'user.password_set',
  'user.password_reset',
  'user.password_reset_failed',
  'user.email_verified',
  'user.email_change_requested',
  'user.email_changed',
  'user.email_change_undone',
  'user.reauthentication_failed',
  'user.second_factor_enabled',
  'user.second_factor_disabled',
  'user.second_factor_reset',
  'user.second_factor_failed',
  'user.second_factor_locked',
  'user.recovery_codes_replaced',
  'user.recovery_code_used',
  'user.not_me_reported',
  'user.sessions_ended',
  'user.profile_changed',
  'user.locked',
  'user.hard_locked',
  'user.unlocked',
  'login.challenged',
  'login.succeeded',
  'login.failed',
  'session.renewed',
  'session.ended',
  'session.ended_by_failures',
  'mail.sent',
  'mail.suppressed',
  'mail.failed',
  'mail.shown',
  'mail.retried',
  'admin_token.refused',
  'signing_key.added',
  'signing_key.retired',
  'secret.rotated',
  'clock.jumped',
  'shedding.began',
  'shedding.ended',
  'store.created',
  'store.restored',
  'store.writes_lost',
  'store.moved',
] as const;

export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number];

/** Who did it: a caller of a class, the holder of the admin token or of a management key, a command at the machine, or the service by itself. */
export const AUDIT_ACTORS = [...CALLER_CLASSES, 'administrator', 'management_key', 'cli', 'system'] as const;

export type AuditActor = (typeof AUDIT_ACTORS)[number];

/**
 * Facts of an event that have no field of their own. Flat, and of our own words alone: never a secret, an e-mail, a
 * name that somebody chose, or a message.
 */
export type AuditDetails = Readonly<Record<string, string | number | boolean>>;

/** Where a write comes from: the same for every event that it causes. */
export interface AuditOrigin {
  /** When it was asked for, in milliseconds since 1970. */
  readonly at: number;
  readonly actor: AuditActor;
  /** The public id of the key that proved the caller; null without one. */
  readonly keyId: string | null;
  /** Of the call, as its lines in the log have it; null for what no call caused. */
  readonly requestId: string | null;
  /** Of the connection, behind the proxies that the settings trust; '' for what no call caused. */
  readonly address: string;
  /** What the key's holder says of the person behind it, who may be anybody; '' from every class but the first. */
  readonly claimedClientIp: string;
  readonly claimedUserAgent: string;
}

/** What happened, beside its origin. */
export interface AuditFacts {
  readonly type: AuditEventType;
  /** Null for what belongs to none. */
  readonly orgId: string | null;
  /** Whom it happened to. */
  readonly userId?: string | null;
  /** What it happened to, where that is neither of these: the id of a key or session. */
  readonly targetId?: string | null;
  /** Why it was refused; without one it was a success. */
  readonly reason?: ErrorReason | null;
  /** How many of them, where they are counted instead of listed; 1 by default. */
  readonly count?: number;
  readonly details?: AuditDetails;
}

/** One row of the audit log. Never changed; removed when it is older than the settings keep it. */
export interface AuditEvent extends Omit<AuditOrigin, 'at'> {
  /** A UUIDv7 in lower case. */
  readonly eventId: string;
  readonly type: AuditEventType;
  /** When it happened, in milliseconds since 1970, by the clock of the process that tells it. */
  readonly createdAt: number;
  readonly orgId: string | null;
  readonly userId: string | null;
  readonly targetId: string | null;
  /** Null for a success. */
  readonly reason: ErrorReason | null;
  /** 1 or more. */
  readonly count: number;
  readonly details: AuditDetails;
}

/** The event of what happened. */
export function auditEventOf(eventId: string, facts: AuditFacts, { at, ...origin }: AuditOrigin): AuditEvent {
  return {
    eventId,
    createdAt: at,
    ...origin,
    userId: null,
    targetId: null,
    reason: null,
    count: 1,
    details: {},
    ...facts,
  };
}

/** The origin of what the service does by itself. */
export function systemOrigin(at: number): AuditOrigin {
  return { ...UNKNOWN_CALLER, at, actor: 'system' };
}

/** The origin of what a command at the machine does. */
export function cliOrigin(at: number): AuditOrigin {
  return { ...UNKNOWN_CALLER, at, actor: 'cli' };
}

const UNKNOWN_CALLER = {
  keyId: null,
  requestId: null,
  address: '',
  claimedClientIp: '',
  claimedUserAgent: '',
} as const;

/**
 * Every reason an error can have on the wire, with the sentence it carries when nothing more precise is known.
 * Reasons are public: they are never renamed or reused. `proto/authflow/v1/error_reason.proto` documents each.
 */
const SENTENCES = {
  INVALID_ARGUMENT: 'Some parameters are missing or malformed.',
  PASSWORD_POLICY: 'The new password does not meet the password policy.',
  DISCLAIMER_REQUIRED: 'The disclaimer must be accepted: send disclaimed as "true".',
  NONCE_INVALID: 'The foobar token is not valid for this e-mail and organization.',
  NONCE_EXPIRED: 'The foobar token has expired. Ask for another.',
  NONCE_USED: 'The foobar token was used before. Ask for another.',
  API_KEY_INVALID: 'The API key is not valid.',
  ADMIN_TOKEN_INVALID:
    'The admin token is missing or wrong. Users and settings of an organization open to its management key, too; an API key stands in for neither.',
  ORIGIN_REFUSED: 'This service is called by backends, not by browsers.',
  CREDENTIALS_INVALID: 'The password is wrong.',
  SESSION_INVALID: 'The session token is not valid.',
  SESSION_EXPIRED: 'The session has expired.',
  SESSION_REVOKED: 'The session has ended.',
  USER_DISABLED: 'The user is disabled.',
  USER_NOT_FOUND: 'There is no such user in this organization.',
  ORGANIZATION_NOT_FOUND: 'There is no such organization.',
  API_KEY_NOT_FOUND: 'The organization has no such API key.',
  USER_EXISTS: 'This e-mail is already signed up in the organization.',
  ORGANIZATION_EXISTS: 'An organization of this name exists.',
  RATE_LIMITED: 'Too many tries. Wait before the next one.',
  OVERLOADED: 'Too many passwords are waiting to be checked. Try again soon.',
  ACCOUNT_LOCKED: 'Too many failed tries for this account. Wait before the next one.',
  DEADLINE_EXCEEDED: 'The call took longer than its deadline.',
  UNAVAILABLE: 'The service cannot answer right now. Nothing was done.',
  INTERNAL: 'Something went wrong on the server.',
  ROUTE_NOT_FOUND: 'There is nothing at this address.',
  METHOD_NOT_ALLOWED: 'This address does not take this method.',
  PAYLOAD_TOO_LARGE: 'The request body is larger than 64 KiB.',
  UNSUPPORTED_MEDIA_TYPE: 'The request body must be JSON or a form, and not compressed.',
  SECOND_FACTOR_REQUIRED: 'The login needs a second factor.',
  EMAIL_NOT_VERIFIED: 'The e-mail must be verified first.',
  PASSWORD_CHANGE_REQUIRED: 'The password must be changed first.',
  TOKEN_INVALID: 'The token is not valid, or not any more.',
  TOKEN_EXPIRED: 'The token is too old. Ask for another.',
  REAUTHENTICATION_REQUIRED: 'This needs the present password, or a login of the last 15 minutes.',
  ACCESS_DENIED: 'The credential is good and does not open this.',
  CHALLENGE_INVALID: 'The challenge is not valid, or not any more. Log in again.',
  CODE_INVALID: 'The code is wrong, or was used before.',
  SECOND_FACTOR_ALREADY_ENABLED: 'The user has a second factor already.',
  SECOND_FACTOR_NOT_ENABLED: 'The user has no second factor, or none to confirm.',
} as const;

/** Why a call was refused. A closed set within one release; callers must expect it to grow. */
export type ErrorReason = keyof typeof SENTENCES;

/** Every {@link ErrorReason}, in the order of the public table. */
export const ERROR_REASONS = Object.keys(SENTENCES) as readonly ErrorReason[];

/** One fault of one parameter. */
export interface FieldViolation {
  /** The parameter's JSON name. */
  readonly field: string;
  /** What is wrong with it, safe to show to strangers; never quotes the value. */
  readonly message: string;
}

/**
 * What a refusal may hold at most, whatever was sent (docs/security.md, W9): a stranger must not make the server send more
 * than the stranger sent. Violations stand twice in a reply of Connect, once in base64, and a sentence of gRPC is
 * escaped to three times its length: with these bounds each kind of reply stays below 4 KiB. Every fault of every
 * parameter of the largest request takes some 600 bytes.
 */
const MAX_SENTENCE_BYTES = 512;
const MAX_VIOLATIONS = 16;
const MAX_VIOLATIONS_BYTES = 768;

/** What an {@link AuthError} can carry besides its reason. */
export interface AuthErrorDetails {
  /** Replaces the reason's standard sentence. Must be safe for strangers. Cut to 512 bytes. */
  readonly message?: string;
  /** Faults of parameters. Kept as {@link toldViolations} tells them. */
  readonly violations?: readonly FieldViolation[];
  /** How long to wait before a repeat is worthwhile, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Who is to wait, if not the caller as a whole: for admission alone, never sent. */
  readonly waiter?: Waiter;
  /** What led here: for the log alone, never sent. */
  readonly cause?: unknown;
  /** Whom the refusal concerns: for the audit log alone, never sent. */
  readonly subject?: RefusalSubject;
  /** How the login goes on that was refused so far. Sent to the caller, and told to nobody else: whoever has it has half a login. */
  readonly nextStep?: NextStep;
}

/** What a login that needs more hands out. */
export interface NextStep {
  /** The token of a challenge. */
  readonly challenge: string;
  /** How it can be answered. */
  readonly methods: readonly string[];
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
}

/**
 * Who is to wait where the caller is not: a person, by a name that no two have; null for one of those for whom the caller vouches by a
 * key that was never in tokens. To the caller's other calls the wait says nothing.
 */
export type Waiter = string | null;

/** Whom a refusal concerns, by ids that the store has. */
export interface RefusalSubject {
  readonly orgId?: string;
  readonly userId?: string;
  /** A key that was shown and is revoked: whoever shows it may have stolen it. */
  readonly revokedKeyId?: string;
  /** That the refusal began a hard lock: for the alarm. That of a user is in the audit log by its write; of nobody, it is not. */
  readonly beganHardLock?: boolean;
}

/**
 * The one error that reaches callers. Its message is safe for strangers; its `cause` is for the log alone.
 * Anything else that is thrown is a fault of the server and is answered INTERNAL.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly reason: ErrorReason;
  readonly violations: readonly FieldViolation[];
  readonly retryAfterMs: number | null;
  /** Undefined for the caller. */
  readonly waiter: Waiter | undefined;
  readonly subject: RefusalSubject;
  /** No field that somebody prints. */
  readonly #nextStep: NextStep | null;

  constructor(reason: ErrorReason, details: AuthErrorDetails = {}) {
    super(
      toldSentence(details.message ?? SENTENCES[reason]),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.reason = reason;
    this.violations = toldViolations(details.violations ?? []);
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.waiter = details.waiter;
    this.subject = details.subject ?? NOBODY;
    this.#nextStep = details.nextStep ?? null;
  }

  /** Null where the login does not go on. */
  get nextStep(): NextStep | null {
    return this.#nextStep;
  }
}

/** The faults that are told: the first of each parameter, at most 16, with names and sentences of 768 bytes together. */
export function toldViolations(violations: readonly FieldViolation[]): readonly FieldViolation[] {
  const told = new Map<string, FieldViolation>();
  let bytes = 0;
  for (const violation of violations) {
    if (told.has(violation.field)) {
      continue;
    }
    bytes += utf8Bytes(violation.field) + utf8Bytes(violation.message);
    if (bytes > MAX_VIOLATIONS_BYTES || told.size === MAX_VIOLATIONS) {
      break;
    }
    told.set(violation.field, violation);
  }
  return [...told.values()];
}

function toldSentence(sentence: string): string {
  // A UTF-16 unit takes three bytes at most: hardly any sentence of ours needs to be encoded.
  if (sentence.length * 3 <= MAX_SENTENCE_BYTES || utf8Bytes(sentence) <= MAX_SENTENCE_BYTES) {
    return sentence;
  }
  const ellipsis = '…';
  const { read } = UTF8.encodeInto(sentence, new Uint8Array(MAX_SENTENCE_BYTES - utf8Bytes(ellipsis)));
  return sentence.slice(0, read) + ellipsis;
}

const NOBODY: RefusalSubject = {};

const UTF8 = new TextEncoder();

function utf8Bytes(text: string): number {
  return UTF8.encode(text).length;
}

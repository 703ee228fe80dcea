import type { Account, MySession, Nonce, PasswordReset, Session, SessionUser, User, VerifiedEmail } from './calls.ts';
import type { RecoveredSession } from './second-factor-calls.ts';

/*
 * What calls resolve with. Tokens are private fields, which neither consoles nor serializers nor copies show; JSON has
 * the names of the wire (docs/clients.md, "Nothing printed shows a token").
 */

/** What a result is as JSON. */
export type Json = Readonly<Record<string, string | number | boolean | object | null>>;

/** Makes a user. */
export function userOf({ userId, email, fullname, orgId }: User): User {
  return new PlainUser(userId, email, fullname, orgId);
}

/** Makes a session that hides its token. */
export function sessionOf(user: User, token: string, expiresAt: Date): Session {
  return new OpenedSession(user, token, expiresAt);
}

/** Makes a session that a recovery code opened. */
export function recoveredSessionOf(session: Session, recoveryCodesLeft: number): RecoveredSession {
  return new RecoveredOpenedSession(session, recoveryCodesLeft);
}

/** Makes the user of a live session. */
export function sessionUserOf(parts: SessionUser): SessionUser {
  return new LiveSessionUser(parts);
}

/** Makes the account of a live session. */
export function accountOf(parts: Account): Account {
  return new LiveAccount(parts);
}

/** Makes what a proven address is told with. */
export function verifiedEmailOf({ email, userId, orgId }: VerifiedEmail): VerifiedEmail {
  return withJson({ email, userId, orgId }, { email, user_id: userId, org_id: orgId });
}

/** Makes what a reset is told with. */
export function passwordResetOf({ email, orgId, endedSessions }: PasswordReset): PasswordReset {
  return withJson({ email, orgId, endedSessions }, { email, org_id: orgId, ended_sessions: endedSessions });
}

/** Makes one of a user's sessions. */
export function mySessionOf(parts: MySession): MySession {
  const { sessionId, createdAt, lastUsedAt, expiresAt, clientIp, userAgent, current } = parts;
  return withJson(
    { sessionId, createdAt, lastUsedAt, expiresAt, clientIp, userAgent, current },
    {
      session_id: sessionId,
      created_at: rfc3339(createdAt),
      last_used_at: rfc3339(lastUsedAt),
      expires_at: rfc3339(expiresAt),
      client_ip: clientIp,
      user_agent: userAgent,
      current,
    },
  );
}

/** Makes a nonce that hides its token. */
export function nonceOf(token: string, expiresAt: Date): Nonce {
  return new FreshNonce(token, expiresAt);
}

class PlainUser implements User {
  readonly userId: string;
  readonly email: string;
  readonly fullname: string;
  readonly orgId: string;

  constructor(userId: string, email: string, fullname: string, orgId: string) {
    this.userId = userId;
    this.email = email;
    this.fullname = fullname;
    this.orgId = orgId;
  }

  toJSON(): Json {
    return { user_id: this.userId, email: this.email, fullname: this.fullname, org_id: this.orgId };
  }
}

class OpenedSession extends PlainUser implements Session {
  readonly #token: string;
  readonly expiresAt: Date;

  constructor({ userId, email, fullname, orgId }: User, token: string, expiresAt: Date) {
    super(userId, email, fullname, orgId);
    this.#token = token;
    this.expiresAt = expiresAt;
  }

  get token(): string {
    return this.#token;
  }

  override toJSON(): Json {
    return { ...super.toJSON(), expires_at: rfc3339(this.expiresAt) };
  }
}

class RecoveredOpenedSession extends OpenedSession implements RecoveredSession {
  readonly recoveryCodesLeft: number;

  constructor(session: Session, recoveryCodesLeft: number) {
    super(session, session.token, session.expiresAt);
    this.recoveryCodesLeft = recoveryCodesLeft;
  }

  override toJSON(): Json {
    return { ...super.toJSON(), recovery_codes_left: this.recoveryCodesLeft };
  }
}

class LiveSessionUser extends PlainUser implements SessionUser {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly emailVerified: boolean;
  readonly roles: readonly string[];

  constructor({ userId, email, fullname, orgId, sessionId, expiresAt, emailVerified, roles }: SessionUser) {
    super(userId, email, fullname, orgId);
    this.sessionId = sessionId;
    this.expiresAt = expiresAt;
    this.emailVerified = emailVerified;
    this.roles = Object.freeze([...roles]);
  }

  override toJSON(): Json {
    return {
      ...super.toJSON(),
      session_id: this.sessionId,
      expires_at: rfc3339(this.expiresAt),
      email_verified: this.emailVerified,
      roles: this.roles,
    };
  }
}

class LiveAccount extends LiveSessionUser implements Account {
  readonly secondFactor: boolean;
  readonly recoveryCodesLeft: number;
  readonly publicMetadata: string;
  readonly createdAt: Date;

  constructor(parts: Account) {
    super(parts);
    this.secondFactor = parts.secondFactor;
    this.recoveryCodesLeft = parts.recoveryCodesLeft;
    this.publicMetadata = parts.publicMetadata;
    this.createdAt = parts.createdAt;
  }

  override toJSON(): Json {
    return {
      ...super.toJSON(),
      second_factor: this.secondFactor,
      recovery_codes_left: this.recoveryCodesLeft,
      public_metadata: this.publicMetadata,
      created_at: rfc3339(this.createdAt),
    };
  }
}

class FreshNonce implements Nonce {
  readonly #token: string;
  readonly expiresAt: Date;

  constructor(token: string, expiresAt: Date) {
    this.#token = token;
    this.expiresAt = expiresAt;
  }

  get token(): string {
    return this.#token;
  }

  toJSON(): Json {
    return { expires_at: rfc3339(this.expiresAt) };
  }
}

/** What the fields are as JSON is no field of theirs: copies and consoles do not show it. */
function withJson<Fields extends object>(fields: Fields, json: Json): Fields {
  return Object.defineProperty(fields, 'toJSON', { value: () => json });
}

/** An instant in whole seconds, as the wire has it. */
export function rfc3339(instant: Date): string {
  return instant.toISOString().replace('.000Z', 'Z');
}

import type { Nonce, Session, SessionUser, User } from './calls.ts';

/*
 * What calls resolve with. Tokens are private fields, which neither consoles nor serializers nor copies show; JSON has
 * the names of the wire (docs/clients.md, "Nothing printed shows a token").
 */

/** Makes a user. */
export function userOf({ userId, email, fullname, orgId }: User): User {
  return new PlainUser(userId, email, fullname, orgId);
}

/** Makes a session that hides its token. */
export function sessionOf(user: User, token: string, expiresAt: Date): Session {
  return new OpenedSession(user, token, expiresAt);
}

/** Makes the user of a live session. */
export function sessionUserOf(user: User, sessionId: string, expiresAt: Date): SessionUser {
  return new LiveSessionUser(user, sessionId, expiresAt);
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

  toJSON(): Readonly<Record<string, string>> {
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

  override toJSON(): Readonly<Record<string, string>> {
    return { ...super.toJSON(), expires_at: rfc3339(this.expiresAt) };
  }
}

class LiveSessionUser extends PlainUser implements SessionUser {
  readonly sessionId: string;
  readonly expiresAt: Date;

  constructor({ userId, email, fullname, orgId }: User, sessionId: string, expiresAt: Date) {
    super(userId, email, fullname, orgId);
    this.sessionId = sessionId;
    this.expiresAt = expiresAt;
  }

  override toJSON(): Readonly<Record<string, string>> {
    return { ...super.toJSON(), session_id: this.sessionId, expires_at: rfc3339(this.expiresAt) };
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

  toJSON(): Readonly<Record<string, string>> {
    return { expires_at: rfc3339(this.expiresAt) };
  }
}

/** In whole seconds, as the wire has it. */
function rfc3339(instant: Date): string {
  return instant.toISOString().replace('.000Z', 'Z');
}

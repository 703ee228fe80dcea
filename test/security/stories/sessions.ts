import { expect } from 'vitest';
import { NO_FACTOR } from './factors.ts';
import type { CallerClass, Session, SessionToken, User } from './model.ts';
import type { Reply } from './step.ts';
import type { Tenant, World } from './world.ts';

/** What a user begins with, whoever made them. */
export function newUser() {
  return {
    ...{ version: 1, addressVersion: 0, left: [], isDisabled: false, unprovenSince: null, mustChange: false },
    ...{ ...NO_FACTOR, loginCodeTries: new Map<CallerClass, number>(), isGone: false },
  };
}

/** A session that a call has opened, as it is to be. */
interface Opened {
  readonly user: User;
  readonly expiresAt: number;
  readonly isActed: boolean;
}

/** Keeps a session that a reply gave out, and looks at what its token says. */
export function openSession(world: World, reply: Reply, { user, expiresAt, isActed }: Opened): void {
  const sessionId = claimsOf(reply.token).sid;
  const session: Session = {
    ...{ user, sessionId, createdAt: world.now, version: user.version, expiresAt, isActed },
    isEnded: false,
    wrongPasswords: 0,
  };
  world.sessions.push(session);
  keepToken(world, reply, session);
}

/** Keeps a token that a reply gave out. */
export function keepToken(world: World, reply: Reply, session: Session): void {
  const { user, expiresAt, sessionId, version, isActed } = session;
  const { email, fullname, org, userId } = user;
  expect(reply).toMatchObject({ email, fullname, orgId: org.orgId, userId, expiresAt: timestamp(expiresAt) });
  const { act, ...claims } = claimsOf(reply.token);
  expect(claims).toMatchObject({
    ...{ sub: userId, sid: sessionId, org_id: org.orgId, email, email_verified: user.isVerified, roles: user.roles },
    ...{ credential_version: version, exp: expiresAt / 1000 },
  });
  expect(act !== undefined).toBe(isActed);
  world.sessionTokens.push({ text: reply.token, email, expiresAt, session });
}

/** What is told of a session to who shows a token of it: without an organization nothing that one decides. */
export function session(token: SessionToken, { session: live, tenant }: { session: Session; tenant: Tenant | null }) {
  const { user, sessionId } = live;
  const { email, fullname, org, userId } = user;
  return {
    ...{ email, fullname, orgId: org.orgId, userId, sessionId },
    emailVerified: tenant !== null && user.isVerified,
    roles: tenant === null ? [] : user.roles,
    expiresAt: timestamp(Math.min(token.expiresAt, live.expiresAt)),
  };
}

export function timestamp(at: number) {
  return { seconds: BigInt(Math.floor(at / 1000)) };
}

function claimsOf(token: string): { readonly sid: string; readonly act?: object } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

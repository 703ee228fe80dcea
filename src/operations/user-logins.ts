import { create } from '@bufbuild/protobuf';
import {
  CreateMailTokenResponseSchema,
  DisableUserResponseSchema,
  EnableUserResponseSchema,
  EndUserSessionsResponseSchema,
  ImpersonateResponseSchema,
  ListUserSessionsResponseSchema,
  ResetSecondFactorResponseSchema,
  SetPasswordResponseSchema,
  UnlockUserResponseSchema,
  UserService,
  type UserSession,
  UserSessionSchema,
} from '#gen/authflow/v1/user_service_pb.js';
import { HOSTED } from '../domain/passwords/password-policy.ts';
import type { SessionDetails } from '../domain/sessions/storage.ts';
import { createMailToken, readMailTokenRequest } from '../domain/users/create-mail-token.ts';
import { endUserSessions, readSessionsEnding } from '../domain/users/end-user-sessions.ts';
import { givePassword, readGivenPassword } from '../domain/users/give-password.ts';
import { impersonate, readImpersonation } from '../domain/users/impersonate.ts';
import { listUserSessions, readUserSessionPage } from '../domain/users/list-user-sessions.ts';
import { changeUser, readManagedUser } from '../domain/users/manage-user.ts';
import { keyManagerOf, manager } from './access.ts';
import { type Operation, operation } from './operation.ts';
import { timestampOf } from './timestamp.ts';
import { LIMITS, OF_ALL, OF_CHANGES, PAGE_SIZE, USER_PATH, userOf } from './user-rules.ts';

const calls = UserService.method;

/** How users of an organization get in: their passwords, sessions and what stands in their way. */
export const USER_LOGINS: readonly Operation[] = [
  operation({
    method: calls.setPassword,
    access: manager('write'),
    limits: LIMITS,
    rest: {
      methods: ['POST'],
      path: `${USER_PATH}/password`,
      summary: "Set a user's password",
      success: 'The password is set.',
      required: ['newPassword'],
      bounds: { newPassword: { minLength: HOSTED.minCodePoints, maxLength: HOSTED.maxCodePoints } },
    },
    reasons: [...OF_CHANGES, 'USER_NOT_FOUND', 'PASSWORD_POLICY', 'OVERLOADED'],
    read: (input, faults, rules) => readGivenPassword(input, rules, faults),
    async run(ports, parameters, caller, call) {
      const { user, endedSessions } = await givePassword(ports, parameters, keyManagerOf(caller), call);
      return create(SetPasswordResponseSchema, { user: userOf(user), endedSessions });
    },
  }),

  operation({
    method: calls.disableUser,
    access: manager('write'),
    limits: LIMITS,
    rest: {
      methods: ['POST'],
      path: `${USER_PATH}/disable`,
      summary: "Refuse a user's logins",
      success: 'The user is disabled.',
    },
    reasons: [...OF_CHANGES, 'USER_NOT_FOUND'],
    read: readManagedUser,
    async run(ports, named, caller) {
      const { user, endedSessions } = await changeUser(ports, keyManagerOf(caller), named, { kind: 'disable' });
      return create(DisableUserResponseSchema, { user: userOf(user), endedSessions });
    },
  }),

  operation({
    method: calls.enableUser,
    access: manager('write'),
    limits: LIMITS,
    rest: {
      methods: ['POST'],
      path: `${USER_PATH}/enable`,
      summary: 'Let a disabled user log in again',
      success: 'The user is enabled.',
    },
    reasons: [...OF_CHANGES, 'USER_NOT_FOUND'],
    read: readManagedUser,
    async run(ports, named, caller) {
      const { user } = await changeUser(ports, keyManagerOf(caller), named, { kind: 'enable' });
      return create(EnableUserResponseSchema, { user: userOf(user) });
    },
  }),

  operation({
    method: calls.unlockUser,
    access: manager('write'),
    limits: LIMITS,
    rest: {
      methods: ['POST'],
      path: `${USER_PATH}/unlock`,
      summary: "Forget a user's failed logins",
      success: 'The user is unlocked.',
    },
    reasons: [...OF_CHANGES, 'USER_NOT_FOUND'],
    read: readManagedUser,
    async run(ports, named, caller) {
      const { user } = await changeUser(ports, keyManagerOf(caller), named, { kind: 'unlock' });
      return create(UnlockUserResponseSchema, { user: userOf(user) });
    },
  }),

  operation({
    method: calls.listUserSessions,
    access: manager('read'),
    limits: LIMITS,
    rest: {
      methods: ['GET'],
      path: `${USER_PATH}/sessions`,
      summary: "List a user's sessions",
      success: 'Here are the sessions.',
      bounds: { page_size: PAGE_SIZE },
    },
    reasons: [...OF_ALL, 'USER_NOT_FOUND'],
    read: readUserSessionPage,
    async run(ports, parameters) {
      const { sessions, nextPageToken } = await listUserSessions(ports, parameters);
      return create(ListUserSessionsResponseSchema, { sessions: sessions.map(sessionOf), nextPageToken });
    },
  }),

  operation({
    method: calls.endUserSessions,
    access: manager('write'),
    limits: LIMITS,
    rest: {
      methods: ['DELETE'],
      path: `${USER_PATH}/sessions`,
      morePaths: [
        { path: `${USER_PATH}/sessions/{session_id}`, name: 'endUserSession', summary: 'End one session of a user' },
      ],
      summary: "End a user's sessions",
      success: 'The sessions are ended.',
    },
    reasons: [...OF_CHANGES, 'USER_NOT_FOUND'],
    read: readSessionsEnding,
    run: async (ports, parameters, caller) =>
      create(EndUserSessionsResponseSchema, await endUserSessions(ports, parameters, keyManagerOf(caller))),
  }),

  operation({
    method: calls.resetSecondFactor,
    access: manager('write'),
    limits: LIMITS,
    rest: {
      methods: ['POST'],
      path: `${USER_PATH}/reset-second-factor`,
      summary: 'Take the second factor off a user',
      success: 'The user has no second factor.',
    },
    reasons: [...OF_CHANGES, 'USER_NOT_FOUND'],
    read: readManagedUser,
    async run(ports, named, caller) {
      const change = { kind: 'reset_second_factor' } as const;
      const { user, endedSessions } = await changeUser(ports, keyManagerOf(caller), named, change);
      return create(ResetSecondFactorResponseSchema, { user: userOf(user), endedSessions });
    },
  }),

  operation({
    method: calls.createMailToken,
    access: manager('write'),
    limits: LIMITS,
    rest: {
      methods: ['POST'],
      path: `${USER_PATH}/mail-token`,
      summary: 'Make the token of a mail',
      success: 'Here is the token.',
      required: ['kind'],
    },
    reasons: [...OF_CHANGES, 'USER_NOT_FOUND'],
    read: readMailTokenRequest,
    async run(ports, parameters, caller) {
      const { token, expiresAt } = await createMailToken(ports, parameters, keyManagerOf(caller));
      return create(CreateMailTokenResponseSchema, { token, expiresAt: timestampOf(expiresAt) });
    },
  }),

  operation({
    method: calls.impersonate,
    access: manager('impersonate'),
    limits: LIMITS,
    rest: {
      methods: ['POST'],
      path: `${USER_PATH}/impersonate`,
      summary: "Open a session in a user's place",
      success: 'The session is open.',
      required: ['reason'],
      bounds: { reason: { minLength: 1, maxLength: 200 }, ttl_seconds: { minimum: 0, maximum: 3_600 } },
    },
    reasons: [...OF_CHANGES, 'USER_NOT_FOUND', 'USER_DISABLED'],
    read: readImpersonation,
    async run(ports, parameters, caller, call) {
      const session = await impersonate(ports, parameters, keyManagerOf(caller), call);
      return create(ImpersonateResponseSchema, { ...session, expiresAt: timestampOf(session.expiresAt) });
    },
  }),
];

function sessionOf(session: SessionDetails): UserSession {
  const { sessionId, createdAt, lastUsedAt, expiresAt, revokedAt, clientIp, userAgent, actor } = session;
  return create(UserSessionSchema, {
    sessionId,
    createdAt: timestampOf(createdAt),
    lastUsedAt: timestampOf(lastUsedAt ?? createdAt),
    expiresAt: timestampOf(expiresAt),
    ...(revokedAt === null ? {} : { revokedAt: timestampOf(revokedAt) }),
    clientIp,
    userAgent,
    actor: actor ?? '',
  });
}

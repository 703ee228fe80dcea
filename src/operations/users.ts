import { create } from '@bufbuild/protobuf';
import {
  CreateMailTokenResponseSchema,
  CreateUserResponseSchema,
  DeleteUserResponseSchema,
  DisableUserResponseSchema,
  EnableUserResponseSchema,
  EndUserSessionsResponseSchema,
  GetUserResponseSchema,
  ImpersonateResponseSchema,
  ListUserSessionsResponseSchema,
  ListUsersResponseSchema,
  ResetSecondFactorResponseSchema,
  SetPasswordResponseSchema,
  UnlockUserResponseSchema,
  UpdateUserResponseSchema,
  type User,
  UserSchema,
  UserService,
  type UserSession,
  UserSessionSchema,
} from '#gen/authflow/v1/user_service_pb.js';
import { HOSTED } from '../domain/passwords/password-policy.ts';
import type { SessionDetails } from '../domain/sessions/storage.ts';
import { createMailToken, readMailTokenRequest } from '../domain/users/create-mail-token.ts';
import { createUser, readNewUser } from '../domain/users/create-user.ts';
import { endUserSessions, readSessionsEnding } from '../domain/users/end-user-sessions.ts';
import { findUsers, readUserFilter } from '../domain/users/find-users.ts';
import { givePassword, readGivenPassword } from '../domain/users/give-password.ts';
import { impersonate, readImpersonation } from '../domain/users/impersonate.ts';
import { listUserSessions, readUserSessionPage } from '../domain/users/list-user-sessions.ts';
import { changeUser, getUser, manageUser, readManagedUser } from '../domain/users/manage-user.ts';
import type { UserRecord } from '../domain/users/storage.ts';
import { readUserUpdate, updateUser } from '../domain/users/update-user.ts';
import { keyManagerOf, manager } from './access.ts';
import { NEW_PASSWORD } from './auth.ts';
import { MAX_CALL_MS } from './call.ts';
import { operation, type Service } from './operation.ts';
import { timestampOf } from './timestamp.ts';

const LIMITS = { longestMs: MAX_CALL_MS };
const PAGE_SIZE = { minimum: 0, maximum: 200, default: 50 };
const FULLNAME = { minLength: 1, maxLength: 200 };
const USERS_PATH = '/organizations/{org_id}/users';
const USER_PATH = `${USERS_PATH}/{user_id}`;
/** What every call can be refused for, beside what all can. */
const OF_ALL = ['API_KEY_INVALID', 'ORGANIZATION_NOT_FOUND'] as const;
const OF_CHANGES = [...OF_ALL, 'ACCESS_DENIED'] as const;

const calls = UserService.method;

/** The users of an organization, for back offices. */
export const USERS: Service = {
  descriptor: UserService,
  title: 'Users',
  sometimes: ['disabled_at', 'revoked_at'],
  mayBeEmpty: [],
  operations: [
    operation({
      method: calls.createUser,
      access: manager('write'),
      limits: LIMITS,
      rest: {
        methods: ['POST'],
        path: USERS_PATH,
        summary: 'Add a user',
        success: 'The user is created.',
        required: ['email', 'fullname'],
        bounds: { password: NEW_PASSWORD, fullname: FULLNAME },
      },
      reasons: [...OF_CHANGES, 'PASSWORD_POLICY', 'USER_EXISTS', 'OVERLOADED'],
      read: (input, faults, rules) => readNewUser(input, rules, faults),
      async run(ports, parameters, caller, call) {
        const user = userOf(await createUser(ports, parameters, keyManagerOf(caller), call));
        return create(CreateUserResponseSchema, { user });
      },
    }),

    operation({
      method: calls.listUsers,
      access: manager('read'),
      limits: LIMITS,
      rest: {
        methods: ['GET'],
        path: USERS_PATH,
        summary: 'List users',
        success: 'Here are the users.',
        bounds: { page_size: PAGE_SIZE, search: { maxLength: 254 } },
      },
      reasons: OF_ALL,
      read: readUserFilter,
      async run(ports, parameters) {
        const { users, nextPageToken } = await findUsers(ports, parameters);
        return create(ListUsersResponseSchema, { users: users.map(userOf), nextPageToken });
      },
    }),

    operation({
      method: calls.getUser,
      access: manager('read'),
      limits: LIMITS,
      rest: { methods: ['GET'], path: USER_PATH, summary: 'Describe a user', success: 'Here is the user.' },
      reasons: [...OF_ALL, 'USER_NOT_FOUND'],
      read: readManagedUser,
      run: async (ports, parameters) =>
        create(GetUserResponseSchema, { user: userOf(await getUser(ports, parameters)) }),
    }),

    operation({
      method: calls.updateUser,
      access: manager('write'),
      limits: LIMITS,
      rest: {
        methods: ['PATCH'],
        path: USER_PATH,
        summary: 'Change a user',
        success: 'The user is changed.',
        bounds: { fullname: FULLNAME },
      },
      reasons: [...OF_CHANGES, 'USER_NOT_FOUND', 'USER_EXISTS'],
      read: readUserUpdate,
      async run(ports, parameters, caller) {
        const { user, endedSessions } = await updateUser(ports, parameters, keyManagerOf(caller));
        return create(UpdateUserResponseSchema, { user: userOf(user), endedSessions });
      },
    }),

    operation({
      method: calls.deleteUser,
      access: manager('write'),
      limits: LIMITS,
      rest: { methods: ['DELETE'], path: USER_PATH, summary: 'Delete a user', success: 'The user is deleted.' },
      reasons: [...OF_CHANGES, 'USER_NOT_FOUND'],
      read: readManagedUser,
      async run(ports, named, caller) {
        const { endedSessions } = await manageUser(ports, keyManagerOf(caller), named, { kind: 'delete' });
        return create(DeleteUserResponseSchema, { endedSessions });
      },
    }),

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
  ],
};

function userOf({ createdAt, disabledAt, emailVerifiedAt, roles, ...user }: UserRecord): User {
  return create(UserSchema, {
    ...user,
    roles: [...roles],
    createdAt: timestampOf(createdAt),
    ...(disabledAt === null ? {} : { disabledAt: timestampOf(disabledAt) }),
    emailVerified: emailVerifiedAt !== null,
    // Nobody has one yet.
    secondFactor: false,
  });
}

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

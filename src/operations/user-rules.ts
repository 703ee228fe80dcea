import { create } from '@bufbuild/protobuf';
import { type User, UserSchema } from '#gen/authflow/v1/user_service_pb.js';
import type { UserRecord } from '../domain/users/storage.ts';
import { MAX_CALL_MS } from './call.ts';
import { timestampOf } from './timestamp.ts';

/** Of every call of UserService. */
export const LIMITS = { longestMs: MAX_CALL_MS };
/** The bounds of `page_size`. */
export const PAGE_SIZE = { minimum: 0, maximum: 200, default: 50 };
/** Where the users of an organization are. */
export const USERS_PATH = '/organizations/{org_id}/users';
/** Where one of them is. */
export const USER_PATH = `${USERS_PATH}/{user_id}`;
/** What every call can be refused for, beside what all can. */
export const OF_ALL = ['API_KEY_INVALID', 'ORGANIZATION_NOT_FOUND'] as const;
/** What every change can be refused for. */
export const OF_CHANGES = [...OF_ALL, 'ACCESS_DENIED'] as const;

/** A user as UserService tells it. */
export function userOf({ createdAt, disabledAt, emailVerifiedAt, roles, hasSecondFactor, ...user }: UserRecord): User {
  return create(UserSchema, {
    ...user,
    roles: [...roles],
    createdAt: timestampOf(createdAt),
    ...(disabledAt === null ? {} : { disabledAt: timestampOf(disabledAt) }),
    emailVerified: emailVerifiedAt !== null,
    secondFactor: hasSecondFactor,
  });
}

import { create } from '@bufbuild/protobuf';
import {
  CreateUserResponseSchema,
  DeleteUserResponseSchema,
  GetUserResponseSchema,
  ListUsersResponseSchema,
  UpdateUserResponseSchema,
  UserService,
} from '#gen/authflow/v1/user_service_pb.js';
import { createUser, readNewUser } from '../domain/users/create-user.ts';
import { findUsers, readUserFilter } from '../domain/users/find-users.ts';
import { getUser, manageUser, readManagedUser } from '../domain/users/manage-user.ts';
import { readUserUpdate, updateUser } from '../domain/users/update-user.ts';
import { keyManagerOf, manager } from './access.ts';
import { NEW_PASSWORD } from './auth.ts';
import { operation, type Service } from './operation.ts';
import { USER_LOGINS } from './user-logins.ts';
import { LIMITS, OF_ALL, OF_CHANGES, PAGE_SIZE, USER_PATH, USERS_PATH, userOf } from './user-rules.ts';

const FULLNAME = { minLength: 1, maxLength: 200 };

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
    ...USER_LOGINS,
  ],
};

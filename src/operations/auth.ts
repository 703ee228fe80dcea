import { create } from '@bufbuild/protobuf';
import {
  AuthService,
  ChangePasswordResponseSchema,
  FooBarResponseSchema,
  LoginResponseSchema,
  LogoutResponseSchema,
  SignUpResponseSchema,
  type ValidateResponse,
} from '#gen/authflow/v1/auth_service_pb.js';
import { changePassword, readChangePassword } from '../domain/auth/change-password.ts';
import { fooBar, readFooBar } from '../domain/auth/foo-bar.ts';
import { hidingUsers } from '../domain/auth/hidden-users.ts';
import { login, readLogin } from '../domain/auth/login.ts';
import { logout } from '../domain/auth/logout.ts';
import { lookUpEarly } from '../domain/auth/session.ts';
import { readSignUp, signUp } from '../domain/auth/sign-up.ts';
import { readSession, validate } from '../domain/auth/validate.ts';
import { HOSTED } from '../domain/passwords/password-policy.ts';
import { ANYBODY, API_KEY, SESSION, TENANT } from './access.ts';
import { MAX_CALL_MS } from './call.ts';
import { fooBarCharges, loginCharges, signUpCharges } from './charges.ts';
import { type Bounds, operation, type RestMethod, type Service } from './operation.ts';
import { timestampOf } from './timestamp.ts';

/** What a new password must be, by the policy of the hosted product. */
export const NEW_PASSWORD: Bounds = { minLength: HOSTED.minCodePoints, maxLength: HOSTED.maxCodePoints };

const LIMITS = { longestMs: MAX_CALL_MS };
export const GET_AND_POST: readonly RestMethod[] = ['GET', 'POST'];
const TRIED_PASSWORD = { maxLength: 1024 };
export const SESSION_NOTE =
  'Where the server runs with AUTHFLOW_OPEN_SIGNUP=true, either org_id or api_key is required; otherwise both may be left out.';
const NONCE_REASONS = ['NONCE_INVALID', 'NONCE_EXPIRED', 'NONCE_USED'] as const;
export const OWN_SESSION_REASONS = ['SESSION_INVALID', 'SESSION_EXPIRED', 'SESSION_REVOKED', 'ACCESS_DENIED'] as const;
export const SESSION_REASONS = ['SESSION_INVALID', 'SESSION_EXPIRED', 'SESSION_REVOKED'] as const;

const calls = AuthService.method;

/** The six calls, as the compat profile takes them. */
export const AUTH: Service = {
  descriptor: AuthService,
  title: 'Auth',
  sometimes: [],
  mayBeEmpty: [],
  operations: [
    operation({
      method: calls.fooBar,
      access: ANYBODY,
      limits: { ...LIMITS, charges: fooBarCharges },
      shedAs: 'foo_bar_without_key',
      rest: {
        methods: GET_AND_POST,
        path: '/auth/fooBar',
        summary: 'Issue a nonce',
        success: 'Here is your foobar token.',
        required: ['identity'],
      },
      reasons: ['API_KEY_INVALID', 'RATE_LIMITED', 'OVERLOADED'],
      read: (input, faults, rules) => readFooBar(input, rules, faults),
      run(ports, parameters, tenant) {
        const { token, expiresAt } = fooBar(ports, parameters, tenant);
        return create(FooBarResponseSchema, { token, expiresAt: timestampOf(expiresAt) });
      },
    }),

    operation({
      method: calls.signUp,
      access: API_KEY,
      limits: { ...LIMITS, charges: signUpCharges },
      shedAs: 'sign_up',
      rest: {
        methods: GET_AND_POST,
        path: '/auth/signUp',
        summary: 'Create a user',
        success: 'The user is signed up.',
        required: ['foobar', 'api_key', 'email', 'password', 'fullname', 'disclaimed'],
        bounds: { password: NEW_PASSWORD, fullname: { minLength: 1, maxLength: 200 } },
      },
      reasons: [
        'PASSWORD_POLICY',
        'DISCLAIMER_REQUIRED',
        'API_KEY_INVALID',
        ...NONCE_REASONS,
        'USER_EXISTS',
        'RATE_LIMITED',
        'OVERLOADED',
      ],
      read: (input, faults, rules) => readSignUp(input, rules, faults),
      run: async (ports, parameters, tenant, call) =>
        create(SignUpResponseSchema, await signUp(ports, parameters, tenant, call)),
    }),

    operation({
      method: calls.login,
      access: TENANT,
      limits: { ...LIMITS, charges: loginCharges },
      session: 'hint',
      shedAs: 'login',
      rest: {
        methods: GET_AND_POST,
        path: '/auth/login',
        summary: 'Open a session',
        success: 'The user is logged in.',
        note: 'Either org_id or api_key is required; when both are sent they must agree.',
        required: ['foobar', 'email', 'password'],
        bounds: { password: TRIED_PASSWORD },
      },
      reasons: [
        'API_KEY_INVALID',
        ...NONCE_REASONS,
        'CREDENTIALS_INVALID',
        'USER_DISABLED',
        'EMAIL_NOT_VERIFIED',
        'SECOND_FACTOR_REQUIRED',
        'PASSWORD_CHANGE_REQUIRED',
        'USER_NOT_FOUND',
        'ORGANIZATION_NOT_FOUND',
        'RATE_LIMITED',
        'OVERLOADED',
        'ACCOUNT_LOCKED',
      ],
      read: (input, faults, rules) => readLogin(input, rules, faults),
      async run(ports, parameters, tenant, call) {
        const session = await hidingUsers(ports.rules, () => login(ports, parameters, tenant, call));
        return create(LoginResponseSchema, { ...session, expiresAt: timestampOf(session.expiresAt) });
      },
    }),

    operation({
      method: calls.validate,
      access: SESSION,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/validate',
        summary: 'Tell whose session a token is',
        success: 'The session is valid.',
        note: SESSION_NOTE,
        required: ['sessionToken', 'email'],
      },
      reasons: ['API_KEY_INVALID', ...SESSION_REASONS, 'ORGANIZATION_NOT_FOUND'],
      read: (input, faults, rules) => readSession(input, rules, faults),
      begin: lookUpEarly,
      async run(ports, parameters, tenant, call, early): Promise<ValidateResponse> {
        const session = await validate(ports, parameters, tenant, call, early);
        // Spelled out: `create` would cost as much here as the rest of the operation (docs/performance.md, B1).
        return {
          $typeName: 'authflow.v1.ValidateResponse',
          email: session.email,
          fullname: session.fullname,
          orgId: session.orgId,
          userId: session.userId,
          sessionId: session.sessionId,
          expiresAt: timestampOf(session.expiresAt),
          // A stranger's self-made role would pass for one of the organization that the caller means.
          emailVerified: tenant !== null && session.emailVerified,
          roles: tenant === null ? [] : [...session.roles],
        };
      },
    }),

    operation({
      method: calls.changePassword,
      access: SESSION,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/changePassword',
        summary: 'Set a new password',
        success: 'The password is changed.',
        note: SESSION_NOTE,
        required: ['sessionToken', 'email', 'newPassword'],
        bounds: { newPassword: NEW_PASSWORD, currentPassword: TRIED_PASSWORD },
      },
      reasons: [
        'PASSWORD_POLICY',
        'API_KEY_INVALID',
        ...OWN_SESSION_REASONS,
        'CREDENTIALS_INVALID',
        'REAUTHENTICATION_REQUIRED',
        'CODE_INVALID',
        'ACCOUNT_LOCKED',
        'ORGANIZATION_NOT_FOUND',
        'OVERLOADED',
      ],
      read: (input, faults, rules) => readChangePassword(input, rules, faults),
      run: async (ports, parameters, tenant, call) =>
        create(ChangePasswordResponseSchema, await changePassword(ports, parameters, tenant, call)),
    }),

    operation({
      method: calls.logout,
      access: SESSION,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/logout',
        summary: 'End a session',
        success: 'The session has ended.',
        note: SESSION_NOTE,
        required: ['sessionToken', 'email'],
      },
      reasons: ['API_KEY_INVALID', 'SESSION_INVALID', 'ORGANIZATION_NOT_FOUND'],
      read: (input, faults, rules) => readSession(input, rules, faults),
      async run(ports, parameters, tenant) {
        await logout(ports, parameters, tenant);
        return create(LogoutResponseSchema);
      },
    }),
  ],
};

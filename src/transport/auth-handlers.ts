import { create } from '@bufbuild/protobuf';
import {
  ChangePasswordRequestSchema,
  ChangePasswordResponseSchema,
  FooBarRequestSchema,
  FooBarResponseSchema,
  LoginRequestSchema,
  LoginResponseSchema,
  LogoutRequestSchema,
  LogoutResponseSchema,
  SignUpRequestSchema,
  SignUpResponseSchema,
  ValidateRequestSchema,
} from '#gen/authflow/v1/auth_service_pb.js';
import { changePassword } from '../domain/auth/change-password.ts';
import { fooBar } from '../domain/auth/foo-bar.ts';
import { login } from '../domain/auth/login.ts';
import { logout } from '../domain/auth/logout.ts';
import { signUp } from '../domain/auth/sign-up.ts';
import { validate } from '../domain/auth/validate.ts';
import type { Ports } from '../domain/ports.ts';
import { readApiKey, readSessionToken } from './credentials.ts';
import type { AuthHandlers } from './handlers.ts';
import { requestFaults } from './text-fields.ts';
import { timestampOf } from './timestamp.ts';

const faultsOfFooBar = requestFaults(FooBarRequestSchema);
const faultsOfSignUp = requestFaults(SignUpRequestSchema);
const faultsOfLogin = requestFaults(LoginRequestSchema);
const faultsOfValidate = requestFaults(ValidateRequestSchema);
const faultsOfChangePassword = requestFaults(ChangePasswordRequestSchema);
const faultsOfLogout = requestFaults(LogoutRequestSchema);

/** The six calls. */
export function createAuthHandlers(ports: Ports): AuthHandlers {
  return {
    async fooBar(request, call) {
      const faults = faultsOfFooBar(request, call);
      const apiKey = readApiKey(request.apiKey, call, faults);
      const { token, expiresAt } = await fooBar(ports, { identity: request.identity, apiKey, faults });
      return create(FooBarResponseSchema, { token, expiresAt: timestampOf(expiresAt) });
    },

    async signUp(request, call) {
      const faults = faultsOfSignUp(request, call);
      const { foobar, email, password, fullname, disclaimed } = request;
      const apiKey = readApiKey(request.apiKey, call, faults);
      const user = await signUp(ports, { foobar, apiKey, email, password, fullname, disclaimed, faults }, call);
      return create(SignUpResponseSchema, user);
    },

    async login(request, call) {
      const faults = faultsOfLogin(request, call);
      const { foobar, email, password, orgId } = request;
      const apiKey = readApiKey(request.apiKey, call, faults);
      const session = await login(ports, { foobar, email, password, orgId, apiKey, faults }, call);
      return create(LoginResponseSchema, { ...session, expiresAt: timestampOf(session.expiresAt) });
    },

    async validate(request, call) {
      const faults = faultsOfValidate(request, call);
      const { email, orgId } = request;
      const sessionToken = readSessionToken(request.sessionToken, call, faults);
      const apiKey = readApiKey(request.apiKey, call, faults);
      const session = await validate(ports, { sessionToken, email, orgId, apiKey, faults });
      // Spelled out: `create` would cost as much here as the rest of the handler (docs/performance.md, B1).
      return {
        $typeName: 'authflow.v1.ValidateResponse',
        email: session.email,
        fullname: session.fullname,
        orgId: session.orgId,
        userId: session.userId,
        sessionId: session.sessionId,
        expiresAt: timestampOf(session.expiresAt),
      };
    },

    async changePassword(request, call) {
      const faults = faultsOfChangePassword(request, call);
      const { email, newPassword, currentPassword, orgId } = request;
      const sessionToken = readSessionToken(request.sessionToken, call, faults);
      const apiKey = readApiKey(request.apiKey, call, faults);
      const change = { sessionToken, email, newPassword, currentPassword, orgId, apiKey, faults };
      return create(ChangePasswordResponseSchema, await changePassword(ports, change, call));
    },

    async logout(request, call) {
      const faults = faultsOfLogout(request, call);
      const { email, orgId } = request;
      const sessionToken = readSessionToken(request.sessionToken, call, faults);
      const apiKey = readApiKey(request.apiKey, call, faults);
      await logout(ports, { sessionToken, email, orgId, apiKey, faults });
      return create(LogoutResponseSchema);
    },
  };
}

import { create } from '@bufbuild/protobuf';
import {
  AccountService,
  ChangeEmailResponseSchema,
  DeleteAccountResponseSchema,
  ForgotPasswordResponseSchema,
  ResetPasswordResponseSchema,
  SendLoginCodeResponseSchema,
  SendVerificationEmailResponseSchema,
  VerifyEmailResponseSchema,
} from '#gen/authflow/v1/account_service_pb.js';
import { readAskForMail } from '../domain/accounts/ask-for-mail.ts';
import { changeEmail, readChangeEmail } from '../domain/accounts/change-email.ts';
import { deleteAccount, readDeleteAccount } from '../domain/accounts/delete-account.ts';
import { forgotPassword } from '../domain/accounts/forgot-password.ts';
import { readResetPassword, resetPassword } from '../domain/accounts/reset-password.ts';
import { sendLoginCode } from '../domain/accounts/send-login-code.ts';
import { sendVerificationEmail } from '../domain/accounts/send-verification-email.ts';
import { readVerifyEmail, verifyEmail } from '../domain/accounts/verify-email.ts';
import { API_KEY, MAIL_TOKEN, TENANT } from './access.ts';
import { NEW_PASSWORD, OWN_SESSION_REASONS } from './auth.ts';
import { MAX_CALL_MS } from './call.ts';
import { mailRequestCharges } from './charges.ts';
import { type Operation, operation, type RestMethod } from './operation.ts';
import { timestampOf } from './timestamp.ts';

const LIMITS = { longestMs: MAX_CALL_MS };
const ASKS_FOR_MAIL = { ...LIMITS, charges: mailRequestCharges };
const GET_AND_POST: readonly RestMethod[] = ['GET', 'POST'];
export const TRIED_PASSWORD = { maxLength: 1024 };
const TOKEN_REASONS = ['TOKEN_INVALID', 'TOKEN_EXPIRED'] as const;
export const FRESH_PROOF_REASONS = [
  'API_KEY_INVALID',
  ...OWN_SESSION_REASONS,
  'CREDENTIALS_INVALID',
  'ORGANIZATION_NOT_FOUND',
  'OVERLOADED',
  'REAUTHENTICATION_REQUIRED',
  'CODE_INVALID',
  'ACCOUNT_LOCKED',
] as const;
export const TENANT_NOTE = 'Either org_id or api_key is required; when both are sent they must agree.';

const calls = AccountService.method;

/** The calls of AccountService that tokens of mails belong to, and what needs more than a session. */
export const ACCOUNTS_BY_MAIL: readonly Operation[] = [
  operation({
    method: calls.sendVerificationEmail,
    access: API_KEY,
    limits: ASKS_FOR_MAIL,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/resend-verify-email',
      summary: 'Mail a link that proves an address',
      success: 'If the address is known, a mail is on its way.',
      required: ['email', 'api_key'],
    },
    reasons: ['API_KEY_INVALID', 'RATE_LIMITED'],
    read: (input, faults) => readAskForMail(input, faults),
    async run(ports, parameters, tenant) {
      await sendVerificationEmail(ports, parameters, tenant);
      return create(SendVerificationEmailResponseSchema);
    },
  }),

  operation({
    method: calls.verifyEmail,
    access: MAIL_TOKEN,
    limits: LIMITS,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/verify-email',
      summary: 'Prove an address by the token of a mail',
      success: 'The e-mail is verified.',
      required: ['token'],
    },
    reasons: [...TOKEN_REASONS, 'USER_EXISTS'],
    read: (input, faults) => readVerifyEmail(input, faults),
    run: async (ports, parameters) => create(VerifyEmailResponseSchema, await verifyEmail(ports, parameters)),
  }),

  operation({
    method: calls.forgotPassword,
    access: API_KEY,
    limits: ASKS_FOR_MAIL,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/forgot-password',
      summary: 'Mail a link that sets a new password',
      success: 'If the address is known, a mail is on its way.',
      required: ['email', 'api_key'],
    },
    reasons: ['API_KEY_INVALID', 'RATE_LIMITED'],
    read: (input, faults) => readAskForMail(input, faults),
    async run(ports, parameters, tenant) {
      await forgotPassword(ports, parameters, tenant);
      return create(ForgotPasswordResponseSchema);
    },
  }),

  operation({
    method: calls.resetPassword,
    access: MAIL_TOKEN,
    limits: LIMITS,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/reset-password',
      summary: 'Set a new password by the token of a mail',
      success: 'The password is set. Log in with it.',
      required: ['token', 'newPassword'],
      bounds: { newPassword: NEW_PASSWORD, currentPassword: TRIED_PASSWORD },
    },
    reasons: ['PASSWORD_POLICY', ...TOKEN_REASONS, 'CHALLENGE_INVALID', 'CREDENTIALS_INVALID', 'OVERLOADED'],
    read: (input, faults, rules) => readResetPassword(input, rules, faults),
    run: async (ports, parameters, _caller, call) =>
      create(ResetPasswordResponseSchema, await resetPassword(ports, parameters, call)),
  }),

  operation({
    method: calls.changeEmail,
    access: TENANT,
    limits: ASKS_FOR_MAIL,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/change-email',
      summary: 'Mail a link that moves a user to another address',
      success: 'A mail is on its way to the new address.',
      note: TENANT_NOTE,
      required: ['sessionToken', 'email', 'newEmail'],
      bounds: { currentPassword: TRIED_PASSWORD },
    },
    reasons: [...FRESH_PROOF_REASONS, 'RATE_LIMITED'],
    read: (input, faults, rules) => readChangeEmail(input, rules, faults),
    async run(ports, parameters, tenant, call) {
      await changeEmail(ports, parameters, tenant, call);
      return create(ChangeEmailResponseSchema);
    },
  }),

  operation({
    method: calls.deleteAccount,
    access: TENANT,
    limits: LIMITS,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/deleteUser',
      summary: 'Remove the user of a session',
      success: 'The account is deleted.',
      note: TENANT_NOTE,
      required: ['sessionToken', 'email'],
      bounds: { currentPassword: TRIED_PASSWORD },
    },
    reasons: FRESH_PROOF_REASONS,
    read: (input, faults, rules) => readDeleteAccount(input, rules, faults),
    run: async (ports, parameters, tenant, call) =>
      create(DeleteAccountResponseSchema, await deleteAccount(ports, parameters, tenant, call)),
  }),

  operation({
    method: calls.sendLoginCode,
    access: API_KEY,
    limits: ASKS_FOR_MAIL,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/login-code',
      summary: 'Mail a code that logs in',
      success: 'If the address is known, a code is on its way.',
      required: ['email', 'api_key'],
    },
    reasons: ['API_KEY_INVALID', 'ACCESS_DENIED', 'RATE_LIMITED'],
    read: (input, faults) => readAskForMail(input, faults),
    async run(ports, parameters, tenant) {
      const { challenge, expiresAt } = await sendLoginCode(ports, parameters, tenant);
      return create(SendLoginCodeResponseSchema, { challenge, expiresAt: timestampOf(expiresAt) });
    },
  }),
];

import { create } from '@bufbuild/protobuf';
import {
  ConfirmTotpResponseSchema,
  DisableTotpResponseSchema,
  EnableTotpResponseSchema,
  RegenerateRecoveryCodesResponseSchema,
  SecondFactorService,
  SendEmailCodeResponseSchema,
  VerifyEmailCodeResponseSchema,
  VerifyRecoveryCodeResponseSchema,
  VerifyTotpResponseSchema,
} from '#gen/authflow/v1/second_factor_service_pb.js';
import type { LoginResult } from '../domain/auth/open-session.ts';
import { disableTotp, readFactorChange, regenerateRecoveryCodes } from '../domain/second-factors/change-factor.ts';
import { confirmTotp, readConfirmTotp } from '../domain/second-factors/confirm-totp.ts';
import { enableTotp, readEnableTotp } from '../domain/second-factors/enable-totp.ts';
import { readSendEmailCode, sendEmailCode } from '../domain/second-factors/send-email-code.ts';
import { readVerifyRecoveryCode, readVerifyTotp, verifyCode } from '../domain/second-factors/verify-code.ts';
import { readVerifyEmailCode, verifyEmailCode } from '../domain/second-factors/verify-email-code.ts';
import { CHALLENGE, TENANT } from './access.ts';
import { FRESH_PROOF_REASONS, TENANT_NOTE, TRIED_PASSWORD } from './accounts-by-mail.ts';
import { GET_AND_POST, OWN_SESSION_REASONS } from './auth.ts';
import { MAX_CALL_MS } from './call.ts';
import { mailRequestCharges } from './charges.ts';
import { operation, type Service } from './operation.ts';
import { timestampOf } from './timestamp.ts';

const LIMITS = { longestMs: MAX_CALL_MS };
const EITHER_NOTE = 'Either a session with its email, and org_id or api_key, or a challenge is required.';
const CHALLENGE_REASONS = ['API_KEY_INVALID', 'ORGANIZATION_NOT_FOUND', 'CHALLENGE_INVALID'] as const;
const CODE_REASONS = [...CHALLENGE_REASONS, 'CODE_INVALID', 'ACCOUNT_LOCKED', 'PASSWORD_CHANGE_REQUIRED'] as const;
const FACTOR_REASONS = [...FRESH_PROOF_REASONS, 'SECOND_FACTOR_NOT_ENABLED'] as const;

const calls = SecondFactorService.method;

/** The second step of logins, and what users do with their second factors, as the compat profile takes it. */
export const SECOND_FACTORS: Service = {
  descriptor: SecondFactorService,
  title: 'SecondFactors',
  // Of a session there is no new one.
  sometimes: ['expires_at'],
  mayBeEmpty: ['email', 'org_id', 'user_id'],
  operations: [
    operation({
      method: calls.enableTotp,
      access: CHALLENGE,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/2fa/enable',
        summary: 'Make a secret for an authenticator app',
        success: 'Scan the code, then confirm it.',
        note: EITHER_NOTE,
        bounds: { currentPassword: TRIED_PASSWORD },
      },
      reasons: [
        ...CHALLENGE_REASONS,
        ...OWN_SESSION_REASONS,
        'CREDENTIALS_INVALID',
        'REAUTHENTICATION_REQUIRED',
        'SECOND_FACTOR_ALREADY_ENABLED',
        'SECOND_FACTOR_NOT_ENABLED',
        'OVERLOADED',
      ],
      read: (input, faults, rules) => readEnableTotp(input, rules, faults),
      async run(ports, parameters, tenant, call) {
        const { expiresAt, ...shown } = await enableTotp(ports, parameters, tenant, call);
        return create(EnableTotpResponseSchema, { ...shown, expiresAt: timestampOf(expiresAt) });
      },
    }),

    operation({
      method: calls.confirmTotp,
      access: CHALLENGE,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/2fa/verify-setup',
        summary: 'Confirm the secret of an authenticator app',
        success: 'Logins need a code from now on.',
        note: EITHER_NOTE,
        required: ['code'],
      },
      reasons: [
        ...CHALLENGE_REASONS,
        ...OWN_SESSION_REASONS,
        'CODE_INVALID',
        'ACCOUNT_LOCKED',
        'SECOND_FACTOR_ALREADY_ENABLED',
        'SECOND_FACTOR_NOT_ENABLED',
      ],
      read: (input, faults, rules) => readConfirmTotp(input, rules, faults),
      async run(ports, parameters, tenant, call) {
        const { recoveryCodes, login } = await confirmTotp(ports, parameters, tenant, call);
        const session = login === null ? {} : sessionReply(login);
        return create(ConfirmTotpResponseSchema, { recoveryCodes: [...recoveryCodes], ...session });
      },
    }),

    operation({
      method: calls.disableTotp,
      access: TENANT,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/2fa/disable',
        summary: 'Take the second factor off',
        success: 'The second factor is off.',
        note: TENANT_NOTE,
        required: ['sessionToken', 'email', 'code'],
        bounds: { currentPassword: TRIED_PASSWORD },
      },
      reasons: FACTOR_REASONS,
      read: (input, faults, rules) => readFactorChange(input, rules, faults),
      async run(ports, parameters, tenant, call) {
        await disableTotp(ports, parameters, tenant, call);
        return create(DisableTotpResponseSchema);
      },
    }),

    operation({
      method: calls.regenerateRecoveryCodes,
      access: TENANT,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/2fa/recovery-codes',
        summary: 'Make new recovery codes',
        success: 'Here are the new recovery codes.',
        note: TENANT_NOTE,
        required: ['sessionToken', 'email', 'code'],
        bounds: { currentPassword: TRIED_PASSWORD },
      },
      reasons: FACTOR_REASONS,
      read: (input, faults, rules) => readFactorChange(input, rules, faults),
      async run(ports, parameters, tenant, call) {
        const { recoveryCodes } = await regenerateRecoveryCodes(ports, parameters, tenant, call);
        return create(RegenerateRecoveryCodesResponseSchema, { recoveryCodes: [...recoveryCodes] });
      },
    }),

    operation({
      method: calls.verifyTotp,
      access: CHALLENGE,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/2fa/verify-2fa',
        summary: 'Complete a login by a code of an authenticator app',
        success: 'The user is logged in.',
        required: ['challenge', 'code'],
      },
      reasons: CODE_REASONS,
      read: (input, faults, rules) => readVerifyTotp(input, rules, faults),
      run: async (ports, parameters, tenant, call) =>
        create(VerifyTotpResponseSchema, sessionReply(await verifyCode(ports, parameters, tenant, call))),
    }),

    operation({
      method: calls.sendEmailCode,
      access: CHALLENGE,
      limits: { ...LIMITS, charges: mailRequestCharges },
      rest: {
        methods: GET_AND_POST,
        path: '/auth/2fa/backup/email',
        summary: 'Mail a code that completes a login',
        success: 'A code is on its way.',
        required: ['challenge'],
      },
      reasons: [...CHALLENGE_REASONS, 'RATE_LIMITED'],
      read: (input, faults, rules) => readSendEmailCode(input, rules, faults),
      async run(ports, parameters, tenant) {
        const { expiresAt } = await sendEmailCode(ports, parameters, tenant);
        return create(SendEmailCodeResponseSchema, { expiresAt: timestampOf(expiresAt) });
      },
    }),

    operation({
      method: calls.verifyEmailCode,
      access: CHALLENGE,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/2fa/verify-email-otp',
        summary: 'Complete a login by the code of a mail',
        success: 'The user is logged in.',
        required: ['challenge', 'code'],
      },
      reasons: [...CODE_REASONS, 'SECOND_FACTOR_REQUIRED'],
      read: (input, faults, rules) => readVerifyEmailCode(input, rules, faults),
      run: async (ports, parameters, tenant, call) =>
        create(VerifyEmailCodeResponseSchema, sessionReply(await verifyEmailCode(ports, parameters, tenant, call))),
    }),

    operation({
      method: calls.verifyRecoveryCode,
      access: CHALLENGE,
      limits: LIMITS,
      rest: {
        methods: GET_AND_POST,
        path: '/auth/2fa/verify-recovery',
        summary: 'Complete a login by a recovery code',
        success: 'The user is logged in.',
        required: ['challenge', 'recovery_code'],
      },
      reasons: CODE_REASONS,
      read: (input, faults, rules) => readVerifyRecoveryCode(input, rules, faults),
      async run(ports, parameters, tenant, call) {
        const login = await verifyCode(ports, parameters, tenant, call);
        const { recoveryCodesLeft } = login;
        return create(VerifyRecoveryCodeResponseSchema, { ...sessionReply(login), recoveryCodesLeft });
      },
    }),
  ],
};

function sessionReply({ token, expiresAt, email, fullname, orgId, userId }: LoginResult) {
  return { token, expiresAt: timestampOf(expiresAt), email, fullname, orgId, userId };
}

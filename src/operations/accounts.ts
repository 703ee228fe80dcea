import { create } from '@bufbuild/protobuf';
import {
  AccountService,
  EndMySessionsResponseSchema,
  ListMySessionsResponseSchema,
  MeResponseSchema,
  RenewSessionResponseSchema,
  UpdateProfileResponseSchema,
} from '#gen/authflow/v1/account_service_pb.js';
import { me, readMe } from '../domain/accounts/me.ts';
import type { AccountProfile } from '../domain/accounts/profile.ts';
import { readUpdateProfile, updateProfile } from '../domain/accounts/update-profile.ts';
import { lookUpEarly } from '../domain/auth/session.ts';
import { MAX_FULLNAME } from '../domain/auth/sign-up.ts';
import { endMySessions, readEndMySessions } from '../domain/sessions/end-my-sessions.ts';
import { listMySessions } from '../domain/sessions/list-my-sessions.ts';
import { readOwnSession, renewSession } from '../domain/sessions/renew-session.ts';
import { SESSION } from './access.ts';
import { ACCOUNTS_BY_MAIL } from './accounts-by-mail.ts';
import { GET_AND_POST, OWN_SESSION_REASONS, SESSION_NOTE, SESSION_REASONS } from './auth.ts';
import { MAX_CALL_MS } from './call.ts';
import { type Operation, operation, type Service } from './operation.ts';
import { timestampOf } from './timestamp.ts';

const LIMITS = { longestMs: MAX_CALL_MS };
const OWN_SESSION_NOTE = 'Either org_id or api_key is required; when both are sent they must agree.';
const TENANT_REASONS = ['API_KEY_INVALID', 'ORGANIZATION_NOT_FOUND'] as const;

const calls = AccountService.method;

/** The calls that a session opens, and nothing else. */
const BY_SESSION: readonly Operation[] = [
  operation({
    method: calls.me,
    access: SESSION,
    limits: LIMITS,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/me',
      summary: 'Tell who a session is of',
      success: 'Here is the user.',
      note: SESSION_NOTE,
      required: ['sessionToken'],
    },
    reasons: [...TENANT_REASONS, ...SESSION_REASONS],
    read: (input, faults, rules) => readMe(input, rules, faults),
    begin: lookUpEarly,
    run: async (ports, parameters, tenant, call, early) =>
      create(MeResponseSchema, profileReply(await me(ports, parameters, tenant, call, early))),
  }),

  operation({
    method: calls.updateProfile,
    access: SESSION,
    limits: LIMITS,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/update-profile',
      summary: 'Change the name of a user',
      success: 'The profile is changed.',
      note: OWN_SESSION_NOTE,
      required: ['sessionToken', 'email', 'fullname'],
      bounds: { fullname: { minLength: 1, maxLength: MAX_FULLNAME } },
    },
    reasons: [...TENANT_REASONS, ...OWN_SESSION_REASONS],
    read: (input, faults, rules) => readUpdateProfile(input, rules, faults),
    run: async (ports, parameters, tenant, call) =>
      create(UpdateProfileResponseSchema, profileReply(await updateProfile(ports, parameters, tenant, call))),
  }),

  operation({
    method: calls.renewSession,
    access: SESSION,
    limits: LIMITS,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/renew-session',
      summary: 'Make a session last longer',
      success: 'The session is renewed.',
      note: OWN_SESSION_NOTE,
      required: ['sessionToken', 'email'],
    },
    reasons: [...TENANT_REASONS, ...OWN_SESSION_REASONS],
    read: (input, faults, rules) => readOwnSession(input, rules, faults),
    async run(ports, parameters, tenant, call) {
      const session = await renewSession(ports, parameters, tenant, call);
      return create(RenewSessionResponseSchema, { ...session, expiresAt: timestampOf(session.expiresAt) });
    },
  }),

  operation({
    method: calls.listMySessions,
    access: SESSION,
    limits: LIMITS,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/sessions',
      summary: 'List the live sessions of a user',
      success: 'Here are the sessions.',
      note: OWN_SESSION_NOTE,
      required: ['sessionToken', 'email'],
    },
    reasons: [...TENANT_REASONS, ...OWN_SESSION_REASONS],
    read: (input, faults, rules) => readOwnSession(input, rules, faults),
    async run(ports, parameters, tenant, call) {
      const sessions = await listMySessions(ports, parameters, tenant, call);
      return create(ListMySessionsResponseSchema, {
        sessions: sessions.map(({ sessionId, createdAt, lastUsedAt, expiresAt, clientIp, userAgent, isCurrent }) => ({
          sessionId,
          createdAt: timestampOf(createdAt),
          lastUsedAt: timestampOf(lastUsedAt ?? createdAt),
          expiresAt: timestampOf(expiresAt),
          clientIp,
          userAgent,
          current: isCurrent,
        })),
      });
    },
  }),

  operation({
    method: calls.endMySessions,
    access: SESSION,
    limits: LIMITS,
    rest: {
      methods: GET_AND_POST,
      path: '/auth/end-sessions',
      summary: 'End one session of a user, or all but the one that asks',
      success: 'The sessions have ended.',
      note: OWN_SESSION_NOTE,
      required: ['sessionToken', 'email'],
    },
    reasons: [...TENANT_REASONS, ...OWN_SESSION_REASONS],
    read: (input, faults, rules) => readEndMySessions(input, rules, faults),
    run: async (ports, parameters, tenant, call) =>
      create(EndMySessionsResponseSchema, await endMySessions(ports, parameters, tenant, call)),
  }),
];

/** What users do with their own accounts, as the compat profile takes it. */
export const ACCOUNTS: Service = {
  descriptor: AccountService,
  title: 'Accounts',
  sometimes: [],
  mayBeEmpty: [],
  operations: [...BY_SESSION, ...ACCOUNTS_BY_MAIL],
};

function profileReply({ createdAt, expiresAt, roles, ...profile }: AccountProfile) {
  return {
    ...profile,
    roles: [...roles],
    createdAt: timestampOf(createdAt),
    expiresAt: timestampOf(expiresAt),
  };
}

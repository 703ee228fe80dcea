import type { DescMessage, DescMethodUnary, MessageShape } from '@bufbuild/protobuf';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import type { ErrorReason } from '../../domain/errors.ts';
import type { IncomingCall } from '../call.ts';
import type { Handlers } from '../handlers.ts';
import { membersWriter, successBody } from '../http/envelope.ts';
import { type ParameterSources, parameterReader, type ReadParameters } from './parameters.ts';

export type RestMethod = 'GET' | 'POST' | 'DELETE';

/** One operation under `/auth` or `/organizations`: what is registered, and what `/openapi.json` tells of it. */
export interface RestRoute {
  /** The RPC's name. */
  readonly name: string;
  readonly rpc: DescMethodUnary;
  readonly methods: readonly RestMethod[];
  /** With parameters as `{org_id}`. */
  readonly path: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** What the comments in the protos do not say of it; '' for nothing. */
  readonly note: string;
  /** The parameters without which it is refused, beside those of the path. */
  readonly required: readonly string[];
  /** What opens it: API keys and sessions, the admin token, or by a setting nothing at all. */
  readonly access: 'api_key' | 'admin_token' | 'admin_token_or_open';
  /** The reasons of its own, beside those that every operation has. */
  readonly reasons: readonly ErrorReason[];
  /** Reads the parameters. Throws INVALID_ARGUMENT when they are unreadable. */
  read(sources: ParameterSources): PreparedCall;
}

/** A request that was read and waits to be answered. */
export interface PreparedCall {
  readonly faults: IncomingCall['faults'];
  /** The API key that came as a parameter; '' without one. */
  readonly apiKey: string;
  /** The body of the success. Throws what the handler throws. */
  answer(call: IncomingCall): Promise<string>;
}

/** Every operation of the six calls and of `/organizations`, over the shared handlers. */
export function restRoutes({ auth, organization }: Handlers): readonly RestRoute[] {
  const calls = AuthService.method;
  const admin = OrganizationService.method;
  return [
    route(calls.fooBar, auth.fooBar, {
      ...SIX,
      summary: 'Issue a nonce',
      path: '/auth/fooBar',
      required: ['identity'],
      success: 'Here is your foobar token.',
      reasons: ['API_KEY_INVALID', 'RATE_LIMITED'],
    }),
    route(calls.signUp, auth.signUp, {
      ...SIX,
      summary: 'Create a user',
      path: '/auth/signUp',
      required: ['foobar', 'api_key', 'email', 'password', 'fullname', 'disclaimed'],
      success: 'The user is signed up.',
      reasons: [
        'PASSWORD_POLICY',
        'DISCLAIMER_REQUIRED',
        'API_KEY_INVALID',
        ...NONCE,
        'USER_EXISTS',
        'RATE_LIMITED',
        'OVERLOADED',
      ],
    }),
    route(calls.login, auth.login, {
      ...SIX,
      summary: 'Open a session',
      note: 'Either org_id or api_key is required; when both are sent they must agree.',
      path: '/auth/login',
      required: ['foobar', 'email', 'password'],
      success: 'The user is logged in.',
      reasons: [
        'API_KEY_INVALID',
        ...NONCE,
        'CREDENTIALS_INVALID',
        'USER_DISABLED',
        'USER_NOT_FOUND',
        'ORGANIZATION_NOT_FOUND',
        'RATE_LIMITED',
        'OVERLOADED',
        'ACCOUNT_LOCKED',
      ],
    }),
    route(calls.validate, auth.validate, {
      ...SIX,
      summary: 'Tell whose session a token is',
      note: SESSION_NOTE,
      path: '/auth/validate',
      required: ['sessionToken', 'email'],
      success: 'The session is valid.',
      reasons: ['API_KEY_INVALID', ...SESSION, 'ORGANIZATION_NOT_FOUND', 'RATE_LIMITED'],
    }),
    route(calls.changePassword, auth.changePassword, {
      ...SIX,
      summary: 'Set a new password',
      note: SESSION_NOTE,
      path: '/auth/changePassword',
      required: ['sessionToken', 'email', 'newPassword'],
      success: 'The password is changed.',
      reasons: [
        'PASSWORD_POLICY',
        'API_KEY_INVALID',
        ...SESSION,
        'CREDENTIALS_INVALID',
        'ORGANIZATION_NOT_FOUND',
        'RATE_LIMITED',
        'OVERLOADED',
        'ACCOUNT_LOCKED',
      ],
    }),
    route(calls.logout, auth.logout, {
      ...SIX,
      summary: 'End a session',
      note: SESSION_NOTE,
      path: '/auth/logout',
      required: ['sessionToken', 'email'],
      success: 'The session has ended.',
      reasons: ['API_KEY_INVALID', 'SESSION_INVALID', 'ORGANIZATION_NOT_FOUND', 'RATE_LIMITED'],
    }),
    route(admin.createOrganization, organization.createOrganization, {
      ...ADMIN,
      access: 'admin_token_or_open',
      methods: ['POST'],
      summary: 'Sign up an organization',
      note: 'Needs no admin token where the server runs with AUTHFLOW_OPEN_SIGNUP=true.',
      path: '/organizations',
      required: ['name'],
      success: 'The organization is signed up. Keep its API key: it is shown once.',
      reasons: ['ORGANIZATION_EXISTS'],
    }),
    route(admin.listOrganizations, organization.listOrganizations, {
      ...ADMIN,
      methods: ['GET'],
      summary: 'List organizations',
      path: '/organizations',
      success: 'Here are the organizations.',
      reasons: [],
    }),
    route(admin.getOrganization, organization.getOrganization, {
      ...ADMIN,
      methods: ['GET'],
      summary: 'Describe an organization',
      path: '/organizations/{org_id}',
      success: 'Here is the organization.',
      reasons: ['ORGANIZATION_NOT_FOUND'],
    }),
    route(admin.closeOrganization, organization.closeOrganization, {
      ...ADMIN,
      methods: ['POST'],
      summary: 'Close an organization',
      path: '/organizations/{org_id}/close',
      success: 'The organization is closed.',
      reasons: ['ORGANIZATION_NOT_FOUND'],
    }),
    route(admin.reopenOrganization, organization.reopenOrganization, {
      ...ADMIN,
      methods: ['POST'],
      summary: 'Reopen an organization',
      path: '/organizations/{org_id}/reopen',
      success: 'The organization is open.',
      reasons: ['ORGANIZATION_NOT_FOUND'],
    }),
    route(admin.createApiKey, organization.createApiKey, {
      ...ADMIN,
      methods: ['POST'],
      summary: 'Add an API key',
      path: '/organizations/{org_id}/keys',
      success: 'The API key is made. Keep it: it is shown once.',
      reasons: ['ORGANIZATION_NOT_FOUND'],
    }),
    route(admin.listApiKeys, organization.listApiKeys, {
      ...ADMIN,
      methods: ['GET'],
      summary: 'List API keys',
      path: '/organizations/{org_id}/keys',
      success: 'Here are the API keys.',
      reasons: ['ORGANIZATION_NOT_FOUND'],
    }),
    route(admin.revokeApiKey, organization.revokeApiKey, {
      ...ADMIN,
      methods: ['DELETE'],
      summary: 'Revoke an API key',
      path: '/organizations/{org_id}/keys/{key_id}',
      success: 'The API key is revoked.',
      reasons: ['ORGANIZATION_NOT_FOUND', 'API_KEY_NOT_FOUND'],
    }),
  ];
}

/** The names of a path's parameters, in order. */
export function pathParameters(path: string): readonly string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? '');
}

const SIX = { methods: ['GET', 'POST'], access: 'api_key' } as const;
const ADMIN = { access: 'admin_token' } as const;
const SESSION_NOTE =
  'Where the server runs with AUTHFLOW_OPEN_SIGNUP=true, either org_id or api_key is required; otherwise both may be left out.';
const NONCE = ['NONCE_INVALID', 'NONCE_EXPIRED', 'NONCE_USED'] as const;
const SESSION = ['SESSION_INVALID', 'SESSION_EXPIRED', 'SESSION_REVOKED'] as const;

interface RouteDescription extends Pick<RestRoute, 'methods' | 'path' | 'summary' | 'access' | 'reasons'> {
  readonly note?: string;
  readonly required?: readonly string[];
  /** The sentence of the success. */
  readonly success: string;
}

function route<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethodUnary<Input, Output>,
  handle: (request: MessageShape<Input>, call: IncomingCall) => Promise<MessageShape<Output>>,
  { success, note = '', required = [], ...description }: RouteDescription,
): RestRoute {
  const read = parameterReader(method.input);
  const writeMembers = membersWriter(method.output);
  return {
    ...description,
    note,
    required,
    name: method.name,
    rpc: method,
    read(sources) {
      const { request, faults }: ReadParameters<Input> = read(sources);
      return {
        faults,
        apiKey: 'apiKey' in request && typeof request.apiKey === 'string' ? request.apiKey : '',
        async answer(call) {
          return successBody(success, writeMembers(await handle(request, call)));
        },
      };
    },
  };
}

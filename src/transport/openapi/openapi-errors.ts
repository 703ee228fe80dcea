import type { ErrorReason } from '../../domain/errors.ts';
import type { Operation, RestMethod } from '../../operations/operation.ts';
import { WIRE_CODES } from '../error-mapping.ts';
import { pathParameters } from '../http/route-index.ts';
import { commentOf, type JsonObject, MESSAGE, reference } from './openapi-schemas.ts';

/** The error responses of an operation, as references by HTTP status, and the components that they refer to. */
export function errorResponses(
  operation: Operation,
  method: RestMethod,
): { readonly byStatus: JsonObject; readonly components: JsonObject } {
  const groups = groupsOf(operation, method);
  return {
    byStatus: Object.fromEntries(groups.map(({ status, name }) => [String(status), reference('responses', name)])),
    components: Object.fromEntries(groups.map((group) => [group.name, responseOf(group)])),
  };
}

/**
 * The body of every error. One schema for all, and its reason open text: generated clients get one type for errors,
 * and keep a reason that a later release adds. A closed enum makes some of them throw at it instead.
 */
export const ERROR_SCHEMAS = {
  Error: {
    type: 'object',
    description: 'Why a call was refused.',
    required: ['statusCode', 'error', 'message'],
    properties: {
      statusCode: { type: 'integer', description: 'Equal to the HTTP status.' },
      error: {
        type: 'string',
        description: 'The reason. Reasons will grow: act on the status for one you do not know.',
        examples: ['NONCE_USED'],
      },
      message: MESSAGE,
      violations: {
        type: 'array',
        description: 'Every faulty parameter; with INVALID_ARGUMENT alone.',
        items: reference('schemas', 'Violation'),
      },
      challenge: {
        type: 'string',
        description:
          'How a login goes on; with SECOND_FACTOR_REQUIRED and PASSWORD_CHANGE_REQUIRED alone. As secret as a password.',
      },
      methods: {
        type: 'array',
        description: 'What the challenge is answered by. Methods will grow.',
        items: { type: 'string', examples: ['totp'] },
      },
      expires_at: { type: 'string', format: 'date-time', description: 'When the challenge expires.' },
    },
  },
  Violation: {
    type: 'object',
    description: 'One fault of one parameter.',
    required: ['field', 'message'],
    properties: {
      field: { type: 'string', description: 'The name of the parameter, or query or body for the whole of it.' },
      message: { type: 'string', description: 'What is wrong with it; never quotes the value.' },
    },
  },
} as const;

/** The headers of errors. */
export const ERROR_HEADERS = {
  RetryAfter: {
    description: 'Seconds to wait before a repeat. Repeat only where it is sent.',
    schema: { type: 'integer', minimum: 1 },
  },
  WwwAuthenticate: { description: 'Always Bearer.', required: true, schema: { type: 'string', const: 'Bearer' } },
  Allow: {
    description: 'The methods of this address, separated by commas.',
    required: true,
    schema: { type: 'string' },
  },
} as const;

const HEADERS_OF_STATUS: Readonly<Record<number, JsonObject>> = {
  401: { 'WWW-Authenticate': reference('headers', 'WwwAuthenticate') },
  405: { Allow: reference('headers', 'Allow') },
  429: { 'Retry-After': reference('headers', 'RetryAfter') },
};

/** What every operation can answer besides its own reasons. */
const COMMON_REASONS: readonly ErrorReason[] = [
  'INVALID_ARGUMENT',
  'ORIGIN_REFUSED',
  'METHOD_NOT_ALLOWED',
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
];

/** What is answered by those alone that read a body. */
const BODY_REASONS: readonly ErrorReason[] = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'OVERLOADED'];

/** The errors of one status, and the name of their component. */
interface ErrorGroup {
  readonly status: number;
  readonly reasons: readonly ErrorReason[];
  readonly name: string;
}

function groupsOf({ rest, opens, reasons: own, method: rpc }: Operation, method: RestMethod): readonly ErrorGroup[] {
  const reasons = new Set<ErrorReason>([
    ...COMMON_REASONS,
    ...(method === 'GET' ? [] : BODY_REASONS),
    // An id in a path that cannot be one makes it no path of ours.
    ...(pathParameters(rest.path).length > 0 ? (['ROUTE_NOT_FOUND'] as const) : []),
    ...(opens === 'api_key' ? [] : (['ADMIN_TOKEN_INVALID'] as const)),
    ...own,
  ]);
  const statuses = new Set(Array.from(reasons, (reason) => WIRE_CODES[reason].http));
  return Array.from(statuses, (status) => {
    const group = Array.from(reasons).filter((reason) => WIRE_CODES[reason].http === status);
    // Short lists are named by what they hold, so that operations share them.
    const name = group.length <= 2 ? group.map(pascalCase).join('Or') : `${rpc.name}${status}`;
    return { status, reasons: group, name };
  });
}

function responseOf({ status, reasons }: ErrorGroup): JsonObject {
  const headers = HEADERS_OF_STATUS[status];
  return {
    description: reasons.map((reason) => `- \`${reason}\`: ${whenOf(reason)}`).join('\n'),
    'x-reasons': reasons,
    ...(headers === undefined ? {} : { headers }),
    content: { 'application/json': { schema: reference('schemas', 'Error') } },
  };
}

/** When a reason is given: its comment in the proto without the codes in front. */
function whenOf(reason: ErrorReason): string {
  return commentOf(`authflow.v1.ErrorReason.ERROR_REASON_${reason}`).replace(/^(?:[A-Z_]+, |HTTP )\d{3}: /, '');
}

function pascalCase(reason: ErrorReason): string {
  return reason.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

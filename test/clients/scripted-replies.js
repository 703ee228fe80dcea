// What a step of a script answers, as bytes of gRPC and as JSON of /auth.
import { create, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import { anyPack, durationFromMs } from '@bufbuild/protobuf/wkt';
import { AccountService } from '#gen/authflow/v1/account_service_pb.js';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '#gen/google/rpc/status_pb.js';
import { WIRE_CODES } from '../../src/transport/error-mapping.ts';

const CODES = {
  INVALID_ARGUMENT: { grpc: 3, http: 400 },
  DEADLINE_EXCEEDED: { grpc: 4, http: 504 },
  NOT_FOUND: { grpc: 5, http: 404 },
  ALREADY_EXISTS: { grpc: 6, http: 409 },
  PERMISSION_DENIED: { grpc: 7, http: 403 },
  RESOURCE_EXHAUSTED: { grpc: 8, http: 429 },
  INTERNAL: { grpc: 13, http: 500 },
  UNAVAILABLE: { grpc: 14, http: 503 },
  UNAUTHENTICATED: { grpc: 16, http: 401 },
};

const METHODS = [...AuthService.methods, ...AccountService.methods];

/** The paths under /auth that are not the call's name. */
const PATHS = {
  'resend-verify-email': 'SendVerificationEmail',
  'verify-email': 'VerifyEmail',
  'forgot-password': 'ForgotPassword',
  'reset-password': 'ResetPassword',
  'renew-session': 'RenewSession',
  sessions: 'ListMySessions',
  'end-sessions': 'EndMySessions',
  'update-profile': 'UpdateProfile',
  'change-email': 'ChangeEmail',
  deleteUser: 'DeleteAccount',
};

/** The method of a call's name; undefined when there is none. */
export function methodOf(call) {
  return METHODS.find(({ name }) => name === call);
}

/** The name of the call that gRPC's path stands for; the path where it stands for none. */
export function callAtGrpc(path) {
  return METHODS.find(({ parent, name }) => path === `/${parent.typeName}/${name}`)?.name ?? path;
}

/** The name of the call at a path under /auth. */
export function callAtAuth(path) {
  return PATHS[path] ?? path.charAt(0).toUpperCase() + path.slice(1);
}

/** The trailers and the message, if any, with which gRPC tells a reply. */
export function grpcReply(call, { ok, error, status, broken }) {
  if (ok !== undefined) {
    const { output } = methodOf(call);
    return { message: toBinary(output, fromJson(output, ok)), trailers: { 'grpc-status': '0' } };
  }
  const { code, message } = error ?? status ?? broken;
  const trailers = { 'grpc-status': String(CODES[code].grpc), 'grpc-message': encodeURIComponent(message) };
  if (error !== undefined) {
    trailers['grpc-status-details-bin'] = base64(statusOf(error));
  } else if (broken !== undefined) {
    // Ends in the middle of a field.
    trailers['grpc-status-details-bin'] = base64(Uint8Array.of(0x08, 0x10, 0x12, 0x7f, 0x61));
  }
  return { message: null, trailers };
}

/** The status, headers and body with which /auth tells a reply. */
export function httpReply(call, { ok, error, status, broken }) {
  if (ok !== undefined) {
    const { output } = methodOf(call);
    const fields = toJson(output, fromJson(output, ok), { alwaysEmitImplicit: true });
    return json(200, { statusCode: 200, message: 'Done.', ...fields });
  }
  const { http } = CODES[(error ?? status ?? broken).code];
  if (status !== undefined) {
    return { status: http, headers: { 'content-type': 'text/html' }, body: `<h1>${status.message}</h1>` };
  }
  if (broken !== undefined) {
    return { status: http, headers: { 'content-type': 'application/json' }, body: '{"statusCode":401,"error":' };
  }
  // Another domain's error has another shape of body.
  const own = error.domain === undefined;
  return json(
    http,
    own
      ? { statusCode: http, error: error.reason, message: error.message, violations: error.violations }
      : { status: http, title: error.message },
    error.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) },
  );
}

/** Whether the product answers a reason with a code: a script must not teach the clients anything else. */
export function isProductsOwn({ code, reason }) {
  const known = WIRE_CODES[reason];
  return known === undefined || known.grpc === CODES[code].grpc;
}

function statusOf({ code, reason, message, domain = 'authflow', metadata = {}, violations, retryAfterMs }) {
  const details = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain, metadata }))];
  if (violations !== undefined) {
    const fieldViolations = violations.map(({ field, message: description }) => ({ field, description }));
    details.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = durationFromMs(retryAfterMs);
    details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  return toBinary(StatusSchema, create(StatusSchema, { code: CODES[code].grpc, message, details }));
}

function json(status, body, headers = {}) {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** Without padding, as gRPC writes binary metadata. */
function base64(bytes) {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

import { isIP } from 'node:net';
import type { ErrorReason } from '../domain/errors.ts';
import { networkOf } from '../domain/network-of.ts';
import { FairLines } from '../observability/fair-lines.ts';
import type { LogFields, Logger } from '../observability/logger.ts';
import type { AnsweredCall, CallOrigin } from '../operations/call-observer.ts';

/**
 * The refusals that an operator looks for: wrong credentials, abuse and want. Not what people mistype and what ends in its time,
 * nor a fault of the server, which has a line of its own (`call_failed`).
 */
const IS_TOLD: Readonly<Record<ErrorReason, boolean>> = {
  INVALID_ARGUMENT: false,
  PASSWORD_POLICY: false,
  DISCLAIMER_REQUIRED: false,
  NONCE_INVALID: true,
  NONCE_EXPIRED: false,
  NONCE_USED: true,
  API_KEY_INVALID: true,
  ADMIN_TOKEN_INVALID: true,
  ORIGIN_REFUSED: true,
  CREDENTIALS_INVALID: true,
  SESSION_INVALID: true,
  SESSION_EXPIRED: false,
  SESSION_REVOKED: false,
  USER_DISABLED: true,
  USER_NOT_FOUND: true,
  ORGANIZATION_NOT_FOUND: true,
  API_KEY_NOT_FOUND: false,
  USER_EXISTS: false,
  ORGANIZATION_EXISTS: false,
  RATE_LIMITED: true,
  OVERLOADED: true,
  ACCOUNT_LOCKED: true,
  DEADLINE_EXCEEDED: true,
  UNAVAILABLE: false,
  INTERNAL: false,
  ROUTE_NOT_FOUND: false,
  METHOD_NOT_ALLOWED: false,
  PAYLOAD_TOO_LARGE: false,
  UNSUPPORTED_MEDIA_TYPE: false,
  SECOND_FACTOR_REQUIRED: false,
  EMAIL_NOT_VERIFIED: false,
  PASSWORD_CHANGE_REQUIRED: false,
  TOKEN_INVALID: true,
  TOKEN_EXPIRED: false,
  REAUTHENTICATION_REQUIRED: false,
  ACCESS_DENIED: true,
  CHALLENGE_INVALID: false,
  CODE_INVALID: true,
  SECOND_FACTOR_ALREADY_ENABLED: false,
  SECOND_FACTOR_NOT_ENABLED: false,
};

/**
 * Calls in the log: at `debug` a line for each, at `info` one for each refusal that an operator looks for, as many as
 * {@link FairLines} lets pass. Who called, from where, what and what came of it; never what was sent.
 */
export class CallLog {
  readonly #logger: Logger;
  readonly #refusals: FairLines;
  readonly #tellsAll: boolean;
  readonly #tellsRefusals: boolean;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.#refusals = new FairLines(logger, 'call_refused');
    this.#tellsAll = logger.isEnabled('debug');
    this.#tellsRefusals = logger.isEnabled('info');
  }

  answered(call: AnsweredCall): void {
    if (this.#tellsAll) {
      const { method, entrance, reason, durationMs } = call;
      const duration = { duration_ms: Math.round(durationMs * 1000) / 1000 };
      this.#logger.debug('call', { method, entrance, reason, ...duration, ...originFields(call.origin()) });
    }
    if (call.reason !== null && this.#tellsRefusals && IS_TOLD[call.reason]) {
      this.#refused(call, call.reason);
    }
  }

  /** Tells what was not told so far. */
  close(): void {
    this.#refusals.close();
  }

  #refused(call: AnsweredCall, reason: ErrorReason): void {
    const origin = call.origin();
    const { orgId, keyId, caller, address } = origin;
    const isProven = keyId !== null || caller === 'administrator';
    this.#refusals.write({
      share: isProven ? 'proven' : 'stranger',
      // A flood with the key that tokens hold leaves the backend's own lines alone.
      source: isProven ? `${orgId} ${caller}` : networkOf(address),
      reason,
      fields: () => ({ method: call.method, entrance: call.entrance, reason, ...originFields(origin) }),
    });
  }
}

function originFields({ caller, orgId, keyId, address, clientIp, requestId }: CallOrigin): LogFields {
  return {
    request_id: requestId,
    caller,
    ...(orgId === null ? {} : { org_id: orgId }),
    ...(keyId === null ? {} : { key_id: keyId }),
    address,
    ...(isIP(clientIp) === 0 || clientIp.includes('%') ? {} : { client_ip: clientIp }),
  };
}

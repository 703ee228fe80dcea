import type { Message } from '@bufbuild/protobuf';
import { AuthError, type ErrorReason, type RefusalSubject } from '../domain/errors.ts';
import type { Principal } from './access.ts';
import type { Entrance, IncomingCall } from './call.ts';
import type { AnsweredCall, CallObserver, CallOrigin } from './call-observer.ts';
import { type Failure, failureOf } from './failure.ts';

/** Why a call is not read, and whose it is; null where that is not known. */
export interface UnreadRefusal {
  readonly error: AuthError;
  readonly caller: Principal;
}

/**
 * Tells the observer of one call what became of it: itself, so that a call that nobody writes down costs nothing more. What the
 * observer throws costs no caller its answer.
 */
export class CallReport implements AnsweredCall {
  readonly entrance: Entrance;
  readonly method: string;
  reason: ErrorReason | null = null;
  durationMs = 0;
  subject: RefusalSubject = NOBODY;
  readonly #observer: CallObserver;
  readonly #arrivedAt: number;
  readonly #call: Pick<IncomingCall, 'peerAddress'> | null;
  /** Undefined while it is not known who calls. */
  #caller: Principal | undefined;
  #message: Message | null = null;
  #requestId: string | null = null;

  /** `arrivedAt` is on the clock of `performance.now()`; `call` tells where it came from, where there is one already. */
  constructor(
    observer: CallObserver,
    entrance: Entrance,
    method: string,
    arrivedAt = performance.now(),
    call: Pick<IncomingCall, 'peerAddress'> | null = null,
  ) {
    this.#observer = observer;
    this.entrance = entrance;
    this.method = method;
    this.#arrivedAt = arrivedAt;
    this.#call = call;
  }

  /** Who calls, by the message that was sent; null where it was not read. */
  identified(caller: Principal, message: Message | null): void {
    this.#caller = caller;
    this.#message = message;
  }

  /** The same of a call that is refused before it is read. */
  refusedUnread({ error, caller }: UnreadRefusal): Failure {
    if (caller !== null) {
      this.identified(caller, null);
    }
    return this.failed(error);
  }

  succeeded(): void {
    this.#answered(null);
  }

  /** For what is answered with a library's code: `reason` is for the metrics alone. */
  refused(reason: ErrorReason): void {
    this.#answered(reason);
  }

  /** What the caller is told of a failure, which is reported. */
  failed(error: unknown): Failure {
    const failure = failureOf(error, () => this.requestId);
    this.subject = error instanceof AuthError ? error.subject : NOBODY;
    const { reason, requestId } = failure;
    if (requestId !== null || (error instanceof AuthError && error.cause !== undefined)) {
      ignoringErrors(() => this.#observer.failed({ method: this.method, reason, requestId, error }));
    }
    this.#answered(reason);
    return failure;
  }

  origin(): CallOrigin {
    const caller = this.#caller;
    const tenant = caller && 'callerClass' in caller ? caller : null;
    const manager = caller && 'isKeyManager' in caller ? caller : null;
    const message: Claims =
      tenant?.callerClass === 'private_key' && this.#message !== null ? this.#message : NO_MESSAGE;
    return {
      caller: callerOf(caller),
      orgId: (tenant ?? manager)?.orgId ?? null,
      keyId: (tenant ?? manager)?.keyId ?? null,
      address: this.#call?.peerAddress() ?? '',
      clientIp: String(message.clientIp ?? ''),
      userAgent: String(message.userAgent ?? ''),
      requestId: this.requestId,
    };
  }

  /** Random; made when it is first asked for. */
  get requestId(): string {
    this.#requestId ??= crypto.randomUUID();
    return this.#requestId;
  }

  #answered(reason: AnsweredCall['reason']): void {
    this.reason = reason;
    this.durationMs = performance.now() - this.#arrivedAt;
    try {
      this.#observer.answered(this);
    } catch {
      // As below; without a function for each call.
    }
  }
}

function callerOf(caller: Principal | undefined): CallOrigin['caller'] {
  if (caller === undefined) {
    return null;
  }
  if (caller === null) {
    return 'no_key';
  }
  if ('callerClass' in caller) {
    return caller.callerClass;
  }
  return 'isKeyManager' in caller ? 'management_key' : 'administrator';
}

/** What a backend says of the person behind it, where the request has such fields. */
type Claims = Message & { readonly clientIp?: unknown; readonly userAgent?: unknown };

const NO_MESSAGE: Message = { $typeName: '' };
const NOBODY: RefusalSubject = {};

function ignoringErrors(tell: () => void): void {
  try {
    tell();
  } catch {
    // A log or a metric that cannot be written; both have their own ways to say so.
  }
}
